// `npm start`: the whole network on this machine, a browser with the extension on it, two tabs of the demo site. Stays until Ctrl-C or
// until the browser is closed. With `--headless --once` it walks through the demo itself (walk.ts) and ends.

import type { DrivenBrowser } from './browsers/driven-browser.ts';
import { findBrowser } from './browsers/home.ts';
import { builtExtension } from './extension-build.ts';
import { DevnetError, messageOf } from './errors.ts';
import { HELP, parseFlags } from './flags.ts';
import { startNetwork, type Network } from './network.ts';
import { SITES } from './plan.ts';
import { runProgram } from './run.ts';
import { startBrowser } from './session.ts';
import { clearState, LOGS_FOLDER, writeState } from './state-file.ts';
import { walk } from './walk.ts';

await runProgram('npm start', async ({ defer, stopped }) => {
  const flags = parseFlags(process.argv.slice(2));
  if (flags.help) {
    console.log(HELP);
    return 0;
  }
  if (!flags.headless && !hasScreen()) {
    console.error(
      'npm start: no screen here (DISPLAY and WAYLAND_DISPLAY are not set). Run: npm start -- --headless --once',
    );
    return 1;
  }
  const began = Date.now();
  const say = (text: string): void => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(5)} s  ${text}`);

  findBrowser(flags.browser);
  await builtExtension(flags.browser);
  say('the extension is built');
  const network = await startNetwork({
    portBase: flags.portBase,
    logs: LOGS_FOLDER,
    discovery: true,
    payments: true,
    onDeath: (reason) => console.error(`npm start: ${reason}`),
  });
  defer(network.close);
  writeState(network, flags.browser);
  defer(clearState);
  say(`${network.relays.length} relays, a name server and ${Object.keys(SITES).length} sites are up`);
  const browser = await startBrowser(flags.browser, network, { headless: flags.headless });
  defer(browser.close);
  say(`${browser.name} ${browser.version} is up`);

  if (flags.once) {
    await walkOnce(network, browser);
    return 0;
  }
  await browser.openTab(`${network.origin('news')}/`);
  const shop = await browser.openTab(`${network.origin('shop')}/`);
  await shop.activate();
  console.log(guide(network));
  await Promise.race([stopped, browser.closed]);
  return 0;
});

async function walkOnce(network: Network, browser: DrivenBrowser): Promise<void> {
  try {
    await walk(network, browser);
  } catch (error) {
    if (error instanceof DevnetError) throw error;
    throw new DevnetError('walk-failed', `The walk stopped: ${messageOf(error)}`, { cause: error });
  }
}

function hasScreen(): boolean {
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

function guide(network: Network): string {
  return `
Two tabs are open. Each page says at its top which address the site sees.
  1. Look at ${SITES.shop.title} (${SITES.shop.host}): it sees your own address.
  2. Click the CONET button (behind the puzzle piece, if the browser hides it) and switch the tab to private.
  3. The tab loads again, and the site sees an exit relay. ${SITES.news.title} beside it still sees you.
  4. Click again to end it.
  5. Pay for it: "Wallet" in the popup, create one, copy its address under "Receive", and get play money for it at
     ${network.rpcs[0]}faucet?to=<address>
     Then make a deposit. What is signed while a page loads stands under "What it costs".
Sites: ${Object.keys(SITES)
    .map((site) => network.origin(site as keyof typeof SITES))
    .join(' ')}
Ctrl-C, or closing the browser, ends everything.`;
}
