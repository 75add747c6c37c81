// The second half of the walk: a person without a coin makes a wallet, is given play money, lends an entry some of it, pays as pages load, and takes the
// rest back. What is printed is read from the chain and from the relays' ledgers, not from the popup.

import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { delay, type DrivenPopup, type DrivenTab } from './browsers/driven-browser.ts';
import type { Chain } from './chain/chain.ts';
import { DevnetError } from './errors.ts';
import { channelsOf, paidToExits, readLedgers } from './ledgers.ts';
import { FAUCET_AMOUNT, type Network } from './network.ts';
import { gasOf, Payer, tokenBalance, type Purse } from './paying.ts';
import { formatTable } from './table.ts';

const DAEMON = fileURLToPath(new URL('../relay/main.ts', import.meta.url));
const run = promisify(execFile);

const PASSWORD = 'play money needs no secret';
/** Some increments of the entry's quote. */
const DOWNLOAD_BYTES = 80_000_000;
const LOOK_MS = 250;
/** Vouchers follow the traffic by seconds, and a refund by some blocks. */
const PATIENCE_MS = 60_000;

/** @param popup of the private tab, at its first view */
export async function walkPaying(network: Network, popup: DrivenPopup, tab: DrivenTab): Promise<void> {
  const { chain } = network;
  if (chain === undefined) throw new DevnetError('walk-failed', 'This devnet has no chain.');
  const payer = new Payer(popup);
  // The switch.
  payer.clicks += 1;
  const purse = await payer.createWallet(PASSWORD);
  await chain.mint(purse.account, FAUCET_AMOUNT);
  await payer.deposit();
  const [opened] = channelsOf(network.relays, purse.account);
  if (opened === undefined) throw new DevnetError('walk-failed', 'No entry knows of the deposit.');
  const { clicks } = payer;
  console.log(
    `\na wallet, ${dollars(FAUCET_AMOUNT)} from the faucet, ${dollars(opened.balance)} lent: ${clicks} clicks\n`,
  );

  await load(network, tab, purse);
  await payer.close();
  await until('the rest to come back', async () => {
    const [channel] = channelsOf(network.relays, purse.account);
    return (await tokenBalance(chain, purse.account)) === FAUCET_AMOUNT - (channel?.claimed ?? 0n);
  });
  await report(network, chain, purse);
}

/** Loads something large, and says what was signed meanwhile. */
async function load(network: Network, tab: DrivenTab, { account }: Purse): Promise<void> {
  const url = `/download?bytes=${String(DOWNLOAD_BYTES)}`;
  await tab.evaluate(`void (window.loaded = 0, fetch('${url}').then((answer) => answer.arrayBuffer())
    .then(({ byteLength }) => (window.loaded = byteLength)))`);
  let said = '';
  const signed = (): bigint => channelsOf(network.relays, account)[0]?.voucher?.max ?? 0n;
  const isLoaded = `window.loaded === ${String(DOWNLOAD_BYTES)}`;
  await until('the download and its vouchers', async () => {
    // More than the person's at first: an entry signs an increment ahead for each of its exits, and all of its clients use it up.
    const now = `the person has signed ${dollars(signed())}, the entries ${dollars(paidToExits(network.relays))} to their exits`;
    if (now !== said) console.log(`while it loads: ${now}`);
    said = now;
    return (await tab.evaluate(isLoaded)) === true && signed() > 0n && paidToExits(network.relays) > 0n;
  });
}

/** Who paid whom, and that the books agree. */
async function report(network: Network, chain: Chain, { account }: Purse): Promise<void> {
  const entry = readLedgers(network.relays, 'entry').find(({ channels }) =>
    channels.some(({ config }) => config.payer === account.toLowerCase()),
  );
  const [channel] = channelsOf(network.relays, account);
  if (entry === undefined || channel === undefined)
    throw new DevnetError('walk-failed', 'The entry forgot who paid it.');
  const { relay } = entry;
  const back = await tokenBalance(chain, account);
  const { sent, wei } = await gasOf(chain, account);
  // Only one may write a ledger; what is claimed is paid out by hand here, for the walk is over before a day is.
  const before = await tokenBalance(chain, relay.receiver ?? account);
  await relay.process.stop();
  await run(process.execPath, [DAEMON, 'settle', '--config', relay.config]);
  const earned = (await tokenBalance(chain, relay.receiver ?? account)) - before;
  const exits = readLedgers(network.relays, 'exit').flatMap((each) =>
    each.channels
      .filter(({ config }) => config.payer === relay.receiver)
      .map(({ voucher }) => [
        ...[relay.name, each.relay.name, dollars(voucher?.max ?? 0n)],
        'vouchers for all of its clients, not claimed yet',
      ]),
  );
  console.log(
    `\n${formatTable([
      ['who', 'to', 'USDC', 'how'],
      ['person', relay.name, dollars(channel.voucher?.max ?? 0n), 'vouchers, signed while it loaded'],
      ...exits,
      ['escrow', relay.name, dollars(earned), 'claimed and settled on the chain'],
      ['escrow', 'person', dollars(back), 'the rest of what was lent, and what never was'],
    ])}`,
  );
  console.log(`\nthe person sent ${sent} transactions and holds ${wei} wei of gas money`);
  const lost = FAUCET_AMOUNT - back - channel.claimed;
  if (lost !== 0n || sent !== 0)
    throw new DevnetError('walk-failed', `The books do not agree: ${dollars(lost)} is missing.`);
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const limit = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    if (Date.now() > limit) throw new DevnetError('walk-failed', `Waited in vain for ${what}.`);
    await delay(LOOK_MS);
  }
}

/** Base units of USDC. */
function dollars(units: bigint): string {
  const text = String(units).padStart(7, '0');
  return `${text.slice(0, -6)}.${text.slice(-6)}`;
}
