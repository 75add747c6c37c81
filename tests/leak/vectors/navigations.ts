// What a person does with tabs, and pages that go elsewhere: each in a tab of its own.

import { addressOf } from '../../../devnet/laboratory/plan.ts';
import { asExtension, fire, type Aim, type Vector } from './vector.ts';

const text = (value: string): string => JSON.stringify(value);
const go = (url: string): string => `location.href = ${text(url)}`;
const via = (path: string, aim: Aim, target = '/'): string => `${path}?u=${encodeURIComponent(aim.url(target))}`;
const link = (url: string, properties: string): string => `
  const link = Object.assign(document.createElement('a'), { href: ${text(url)}, ${properties} });
  document.body.append(link);
  link.click()`;
/** Sends when the document goes away. */
const atTheEnd = (aim: Aim): string => `addEventListener('pagehide', () => {
  fetch(${text(aim.url('/keepalive'))}, { keepalive: true, mode: 'no-cors' });
  navigator.sendBeacon(${text(aim.url('/beacon'))}, 'x');
})`;
const v6 = (aim: Aim): string => `v6-${aim.host}`;

export const NAVIGATIONS: readonly Vector[] = [
  { name: 'navigation by script', act: ({ tab, aim }) => fire(tab, go(aim.url())) },
  {
    name: 'navigation as typed',
    act: ({ browser, tab, aim }) => asExtension(browser, `api.tabs.update(${tab.id}, { url: ${text(aim.url())} })`),
  },
  { name: 'redirect (302)', act: ({ tab, aim }) => fire(tab, go(via('/redirect', aim))) },
  { name: 'redirect (meta refresh)', act: ({ tab, aim }) => fire(tab, go(via('/refresh', aim))) },
  { name: 'redirect (script)', act: ({ tab, aim }) => fire(tab, go(via('/script-redirect', aim))) },
  { name: 'plain http', act: ({ tab, aim }) => fire(tab, go(aim.url().replace('https', 'http'))) },
  { name: 'window.open', act: ({ tab, aim }) => tab.evaluate(`void open(${text(aim.url())})`) },
  {
    name: 'link with opener',
    act: ({ tab, aim }) => tab.evaluate(`{ ${link(aim.url(), "target: '_blank', rel: 'opener'")} }`),
  },
  {
    name: 'link with noopener',
    act: ({ tab, aim }) => tab.evaluate(`{ ${link(aim.url(), "target: '_blank', rel: 'noopener'")} }`),
  },
  {
    name: 'download',
    act: ({ tab, aim }) => tab.evaluate(`{ ${link(aim.url('/file.bin'), "download: 'leak.bin'")} }`),
  },
  {
    name: 'form post',
    act: ({ tab, aim }) =>
      fire(
        tab,
        `const form = Object.assign(document.createElement('form'), { action: ${text(aim.url('/post'))}, method: 'post' });
         document.body.append(form);
         form.submit()`,
      ),
  },
  { name: 'view-source', act: async ({ tab, aim }) => void tab.open(`view-source:${aim.url()}`) },
  {
    name: 'reader view',
    act: async ({ tab, aim }) => {
      await tab.open(`about:reader?url=${encodeURIComponent(aim.url('/article'))}`);
    },
    notApplicable: { chromium: 'has no reader view that a page or an extension can open' },
  },
  { name: 'PDF viewer', act: ({ tab, aim }) => fire(tab, go(aim.url('/a.pdf'))) },
  {
    name: 'icon of the page',
    act: ({ tab, aim }) =>
      fire(tab, go(`/html?head=${encodeURIComponent(`<link rel="icon" href="${aim.url('/icon.svg')}">`)}`)),
  },
  {
    name: 'icon of the app',
    act: ({ tab, aim }) => {
      const manifest = `/app.webmanifest?u=${encodeURIComponent(aim.url('/icon.png'))}`;
      return fire(tab, go(`/html?head=${encodeURIComponent(`<link rel="manifest" href="${manifest}">`)}`));
    },
    notApplicable: { firefox: 'asks for no icon of an app by itself, without protection either' },
  },
  {
    name: 'unload: keepalive and beacon',
    act: async ({ tab, aim }) => {
      await tab.evaluate(`void (${atTheEnd(aim)})`);
      await fire(tab, go('/away'));
    },
  },
  {
    name: 'closed tab: keepalive and beacon',
    act: async ({ browser, tab, aim }) => {
      await tab.evaluate(`void (${atTheEnd(aim)})`);
      await asExtension(browser, `api.tabs.remove(${tab.id})`);
    },
  },
  {
    name: 'history, back and forward',
    act: async ({ tab, home, aim }) => {
      const page = `${home}/html?body=${encodeURIComponent(`<img src="${aim.url('/a.svg')}">`)}`;
      await tab.open(page);
      await tab.open(`${home}/away`);
      await fire(tab, 'history.back()');
      await tab.waitFor(`location.href === ${text(page)}`);
      await fire(tab, `new Image().src = ${text(aim.url('/again.svg'))}`);
    },
  },
  {
    name: 'duplicated tab',
    act: async ({ browser, tab, home, aim }) => {
      await tab.open(`${home}/html?body=${encodeURIComponent(`<img src="${aim.url('/a.svg')}">`)}`);
      await asExtension(browser, `api.tabs.duplicate(${tab.id})`);
    },
  },
  {
    name: 'tab dragged into a window',
    act: async ({ browser, tab, aim }) => {
      await asExtension(browser, `api.windows.create({ tabId: ${tab.id} })`);
      await fire(tab, `new Image().src = ${text(aim.url('/a.svg'))}; setTimeout(() => ${go(aim.url())}, 200)`);
    },
  },
  {
    name: 'IPv4 literal',
    newHostsOnly: true,
    act: ({ tab, aim }) => fire(tab, go(`http://${addressOf(aim.host)}/`)),
  },
  {
    name: 'IPv6 literal',
    newHostsOnly: true,
    matches: ({ to }, aim) => to === addressOf(v6(aim)),
    act: ({ tab, aim }) => fire(tab, go(`http://[${addressOf(v6(aim))}]/`)),
  },
  { name: 'host with IPv6 only', label: 'v6-only', act: ({ tab, aim }) => fire(tab, go(aim.url())) },
  {
    name: 'IDN host',
    label: 'xn--bcher-kva',
    act: ({ tab, aim }) => fire(tab, go(aim.url().replace('xn--bcher-kva', 'bücher'))),
  },
  {
    name: 'host with a final dot',
    newHostsOnly: true,
    act: ({ tab, aim }) => fire(tab, go(`https://${aim.host}./`)),
  },
  {
    name: 'Alt-Svc, HTTP/3',
    act: async ({ tab, aim }) => {
      await tab.open(aim.url('/alt-svc'));
      await tab.evaluate(`fetch('/again', { cache: 'no-store' }).catch(() => 0)`);
      await fire(tab, go('/once-more'));
    },
  },
];
