// @vitest-environment happy-dom
// The views of relays: what there is to wish among, what is sent, what is said beside a field that is wrong, and that a stranger's words are text.

import { beforeEach, describe, expect, test } from 'vitest';
import { NO_WISHES, type RelayWishes } from '../../../src/core/circuit/relay-wishes.ts';
import type { RelaysView } from '../../../src/core/circuit/relays-view.ts';
import type { BeginView } from '../../../src/core/directory/begin-news.ts';
import { NO_BEGIN_PLACES, type BeginPlaces } from '../../../src/core/directory/begin-places.ts';
import { labelOfKey } from '../../../src/core/directory/peer-key.ts';
import { SCAN_PAGE } from '../../../src/platform/extension-pages.ts';
import { PopupPage } from '../../support/popup-page.tsx';

const MARKUP = '<img/src=x/onerror=alert(1)>';
const VIEW: RelaysView = {
  wishes: NO_WISHES,
  exitRegions: [
    { name: 'DE', relays: 12 },
    { name: 'IS', relays: 2 },
  ],
  entryRegions: [{ name: 'NL', relays: 4 }],
  operators: [
    { name: 'alder', relays: 3 },
    { name: MARKUP, relays: 1 },
  ],
  moreOperators: 7,
  all: { entries: 4, exits: 14 },
  free: { entries: 1, exits: 1 },
  fitting: { entries: 4, exits: 14 },
};

let page: PopupPage;
beforeEach(() => {
  page = new PopupPage();
});

async function open(view: Partial<RelaysView> = {}): Promise<void> {
  page.answers['relays/read'] = { ...VIEW, ...view };
  page.answers['relays/set-wishes'] = ({ wishes }: { wishes: RelayWishes }) => ({
    ...{ ...VIEW, ...view, wishes, fitting: { entries: 1, exits: 2 } },
  });
  await page.open('relays');
}

const wishes = () => page.sent.filter(({ type }) => type === 'relays/set-wishes').map(({ data }) => data);
const status = () => page.all('[role=status]').join();
const box = (name: string) => document.querySelector<HTMLInputElement>(`input[value="${name}"]`)!;

describe('wishes', () => {
  test('are shown with the countries by name and how many relays each has, and say how many fit', async () => {
    await open();
    expect(page.all('legend')).toEqual([
      ...['Country of the exit, which sites see', 'Country of the entry, which sees your address'],
      'Never use relays of',
    ]);
    for (const words of ['Germany (12)', 'Iceland (2)', 'Netherlands (4)', 'alder (3)', '7 more operators'])
      expect(page.text).toContain(words);
    expect(status()).toBe('4 entries and 14 exits of 4 entries and 14 exits fit.');
    // Every box and field has words that belong to it.
    for (const input of document.querySelectorAll('input')) expect(input.labels?.length ?? 0).toBeGreaterThan(0);
  });

  test('that are ticked and typed are sent, and what fits is said', async () => {
    await open();
    await page.click('Iceland (2)');
    await page.click('alder (3)');
    await page.click('Only relays that cost nothing (1 entry and 1 exit)');
    await page.type('At most, in $ per GB for both relays together', '0.1');
    await page.click('Save');
    expect(wishes()).toEqual([
      {
        wishes: {
          ...{ exitRegions: ['IS'], entryRegions: [], maxPricePerGb: '100000', freeOnly: true, avoid: ['alder'] },
        },
      },
    ]);
    expect(status()).toBe('Saved. 1 entry and 2 exits of 4 entries and 14 exits fit.');
    await page.click('Anywhere');
    await page.click('Save');
    expect(wishes().at(-1)).toMatchObject({ wishes: { exitRegions: [] } });
  });

  test('that were saved are ticked, also where no relay is left; what was typed reads as it was', async () => {
    const saved = { ...NO_WISHES, exitRegions: ['NZ'], avoid: ['gone'], maxPricePerGb: '110000' };
    await open({ wishes: saved, fitting: { entries: 0, exits: 0 } });
    expect(box('NZ').checked).toBe(true);
    expect(page.text).toContain('New Zealand (0)');
    expect(box('gone').checked).toBe(true);
    expect(document.querySelector<HTMLInputElement>('#price')!.value).toBe('0.11');
    expect(status()).toBe('No relays fit your wishes.');
    await page.click('Save');
    expect(wishes()).toEqual([{ wishes: saved }]);
  });

  test.each([
    ['0', 'tick the box below'],
    ['0.00', 'tick the box below'],
    ['1e30', 'Write an amount such as 0.10'],
    ['-1', 'Write an amount such as 0.10'],
    ['0,10', 'Write an amount such as 0.10'],
    ['0.0000001', 'Write an amount such as 0.10'],
    ['9'.repeat(30), 'No relay may ask for so much'],
  ])('a price of %s is not sent, and it is said beside the field why', async (price, words) => {
    await open();
    await page.type('At most, in $ per GB for both relays together', price);
    await page.click('Save');
    expect(wishes()).toEqual([]);
    const field = document.querySelector<HTMLInputElement>('#price')!;
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.getElementById(field.getAttribute('aria-describedby')!)?.textContent).toContain(words);
    expect(document.activeElement).toBe(field);
    await page.type('At most, in $ per GB for both relays together', '');
    await page.click('Save');
    expect(wishes()).toHaveLength(1);
  });

  test('an operator’s words are text, whatever they are', async () => {
    await open();
    expect(document.querySelector('img')).toBeNull();
    expect(page.text).toContain(`${MARKUP} (1)`);
  });

  test('that cannot be read any more are said to be, and are saved anew', async () => {
    await open({ wishes: 'lost', fitting: { entries: 0, exits: 0 } });
    expect(page.text).toContain('No tab is private until you have saved it again');
    await page.click('Save');
    expect(wishes()).toEqual([{ wishes: NO_WISHES }]);
    expect(page.text).not.toContain('No tab is private until');
  });

  test('what the worker refuses is said in words', async () => {
    await open();
    page.answers['relays/set-wishes'] = new Error('malformed');
    await page.click('Save');
    expect(page.trouble).toContain('did not understand');
  });
});

describe('places to begin', () => {
  const NAME = `192-0-2-7.${labelOfKey(new Uint8Array(32).fill(7))}.z.test`;
  const ADDRESS = `/dns4/${NAME}/tcp/443/tls/ws`;
  const PLACES: BeginPlaces = { addresses: [ADDRESS], names: ['begin.example'], resolver: 'https://dns.test/q' };
  const openBegin = async (view: Partial<BeginView> = {}): Promise<void> => {
    page.answers['relays/read-begin'] = { places: NO_BEGIN_PLACES, news: [], ...view };
    page.answers['relays/set-begin'] = ({ places }: { places: BeginPlaces }) => ({ places, news: [] });
    await page.open('relays/begin');
  };
  const sent = () => page.sent.filter(({ type }) => type === 'relays/set-begin').map(({ data }) => data);
  const noteOf = (name: string): string => document.getElementById(`${name}-note`)!.textContent;
  const [addresses, names] = ['Addresses of relays', 'Names that lead to relays (DNSADDR)'] as const;
  const resolver = 'Resolver that is asked about the names (DNS over HTTPS)';

  test('are what was saved, and are sent as they are typed', async () => {
    await openBegin({ places: PLACES });
    await page.click('Save');
    expect(sent()).toEqual([{ places: PLACES }]);
    expect(status()).toContain('Saved');
    await page.type(addresses, `  https://pages.example/#${ADDRESS}\n\n`);
    await page.type(names, '');
    await page.type(resolver, '');
    await page.click('Save');
    const link = `https://pages.example/#${ADDRESS}`;
    expect(sent().at(-1)).toEqual({ places: { addresses: [link], names: [], resolver: undefined } });
  });

  test('an address can be scanned, in a tab: a popup is gone when the browser asks for the camera', async () => {
    await openBegin();
    const scan = [...document.querySelectorAll('a')].find(({ textContent }) => textContent.includes('Scan'))!;
    expect(scan.getAttribute('href')).toBe(`/${SCAN_PAGE}#camera`);
    expect(scan.target).toBe('_blank');
  });

  test.each([
    [addresses, 'addresses', `${ADDRESS}\n/dns4/relay.example/tcp/443/tls/ws`, 'Line 2: The name in this address'],
    [addresses, 'addresses', `/ip4/192.0.2.7/tcp/7401`, 'A browser reaches a relay by WebSocket'],
    [addresses, 'addresses', `${ADDRESS}\n`.repeat(17), 'At most 16'],
    [names, 'names', 'begin example', 'This is no DNS name'],
    [resolver, 'resolver', 'http://dns.test/', 'begins with https://'],
    [names, 'resolver', 'begin.example', 'Names need a resolver'],
  ])('%s: what is wrong is said beside the field (%s), and nothing is sent', async (label, name, typed, words) => {
    await openBegin();
    await page.type(label, typed);
    await page.click('Save');
    expect(sent()).toEqual([]);
    expect(noteOf(name)).toContain(words);
    const field = document.getElementById(name)!;
    expect(field.getAttribute('aria-invalid')).toBe('true');
    expect(document.activeElement).toBe(field);
  });

  test('say what came of each the last time, and what the worker refuses', async () => {
    await openBegin({
      news: [
        { source: 'addresses', told: 1, answered: 1, error: undefined },
        { source: 'names', told: 0, answered: 0, error: 'begin-no-records' },
      ],
    });
    expect(page.all('dd')).toEqual(['1 relay, of which 1 answered', 'There is no such name, or it leads to no relay.']);
    page.answers['relays/set-begin'] = new Error('begin-private-network');
    await page.click('Save');
    expect(page.trouble).toContain('private network');
  });
});
