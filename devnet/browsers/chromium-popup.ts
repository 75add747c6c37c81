// The real popup of the extension's button in Chromium. Playwright does not see it as a page, so it is driven by the protocol itself:
// a session to its target through the browser's own session.

import { writeFile } from 'node:fs/promises';
import type { CDPSession } from 'playwright-core';
import { delay, waitForTruthy, within, WAIT_MS, type DrivenPopup } from './driven-browser.ts';

/** Opening is refused where the window has no focus; a popup that is allowed shows within this. */
const OPEN_MS = 3000;
const TARGET_POLL_MS = 50;
const CLICK_MS = 1000;
const CLICK_ATTEMPTS = 5;

type Reply = { id?: number; result?: Record<string, unknown>; error?: { message: string } };

/** Opens the popup for the active tab, or returns undefined where the browser will not show it. */
export async function openActionPopup(
  root: CDPSession,
  popupUrl: string,
  asExtension: (expression: string) => Promise<unknown>,
): Promise<DrivenPopup | undefined> {
  const opened = await asExtension('chrome.action.openPopup().then(() => true, () => false)');
  if (opened !== true) return undefined;
  const deadline = Date.now() + OPEN_MS;
  while (Date.now() < deadline) {
    const { targetInfos } = await root.send('Target.getTargets');
    const target = targetInfos.find(({ type, url }) => type === 'page' && url.startsWith(popupUrl));
    if (target) return attach(root, target.targetId);
    await delay(TARGET_POLL_MS);
  }
  return undefined;
}

async function attach(root: CDPSession, targetId: string): Promise<DrivenPopup> {
  // Not "flat": messages to the target travel inside those of the root session, the one form Playwright lets through.
  const { sessionId } = await root.send('Target.attachToTarget', { targetId, flatten: false });
  let lastId = 0;
  const waiting = new Map<
    number,
    { resolve: (value: Record<string, unknown>) => void; reject: (error: Error) => void }
  >();
  const onMessage = (event: { sessionId: string; message: string }): void => {
    if (event.sessionId !== sessionId) return;
    const { id, result, error } = JSON.parse(event.message) as Reply;
    const caller = waiting.get(id ?? -1);
    waiting.delete(id ?? -1);
    if (error) caller?.reject(new Error(error.message));
    else caller?.resolve(result ?? {});
  };
  root.on('Target.receivedMessageFromTarget', onMessage);
  const send = async (method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> => {
    const id = ++lastId;
    const reply = new Promise<Record<string, unknown>>((resolve, reject) => waiting.set(id, { resolve, reject }));
    await root.send('Target.sendMessageToTarget', { sessionId, message: JSON.stringify({ id, method, params }) });
    return within(reply, WAIT_MS);
  };
  const evaluate = async (expression: string): Promise<unknown> => {
    const reply = await send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    if (reply['exceptionDetails'] !== undefined)
      throw new Error(`the popup threw: ${JSON.stringify(reply['exceptionDetails'])}`);
    return (reply['result'] as { value?: unknown }).value;
  };
  return {
    real: true,
    evaluate,
    waitFor: (expression, timeoutMs) => waitForTruthy(evaluate, expression, timeoutMs),
    text: async () => String(await evaluate('document.body.innerText')),
    click: (selector) => clickUntilSeen(send, evaluate, selector),
    screenshot: async (path) => {
      const { data } = await send('Page.captureScreenshot', { format: 'png' });
      await writeFile(path, Buffer.from(String(data), 'base64'));
    },
    close: async () => {
      root.off('Target.receivedMessageFromTarget', onMessage);
      await root.send('Target.closeTarget', { targetId });
    },
  };
}

/**
 * A mouse click in the middle of the element. A popup that is still being sized may swallow it before the page sees any event, and one that draws what
 * it was just told moves the element from under it: then, and only then, it is made again. A click that met another control is an error.
 */
async function clickUntilSeen(
  send: (method: string, params: Record<string, unknown>) => Promise<unknown>,
  evaluate: (expression: string) => Promise<unknown>,
  selector: string,
): Promise<void> {
  const quoted = JSON.stringify(selector);
  const element = `document.querySelector(${quoted})`;
  await waitForTruthy(evaluate, `${element} && !${element}.disabled && ${element}.getBoundingClientRect().width > 0`);
  // The element itself may be drawn anew between the look and the click: it is known by its selector.
  await evaluate(`window.clickMet = '', addEventListener('click', ({ target }) => {
    const control = target.closest('a, button, input, select, textarea, summary, label');
    window.clickMet = target.closest(${quoted}) ? 'it' : control ? control.outerHTML.slice(0, 200) : '';
  }, { capture: true, signal: (window.clickWatch?.abort(), window.clickWatch = new AbortController()).signal })`);
  for (let attempt = 0; attempt < CLICK_ATTEMPTS; attempt++) {
    const box = await evaluate(`new Promise((resolve) => requestAnimationFrame(() => {
      // A long popup scrolls; a click beside the view would be seen, by nothing that was meant.
      ${element}.scrollIntoView({ block: 'center', behavior: 'instant' });
      const { x, y, width, height } = ${element}.getBoundingClientRect();
      resolve({ x: x + width / 2, y: y + height / 2 });
    }))`);
    const button = { ...(box as { x: number; y: number }), button: 'left', clickCount: 1 };
    await send('Input.dispatchMouseEvent', { type: 'mousePressed', ...button });
    await send('Input.dispatchMouseEvent', { type: 'mouseReleased', ...button });
    const met = await waitForTruthy(evaluate, 'window.clickMet', CLICK_MS).catch(() => '');
    if (met === 'it') return;
    if (met !== '') throw new Error(`the click on ${selector} met another control: ${String(met)}`);
  }
  throw new Error(`the popup saw no click on ${selector}`);
}
