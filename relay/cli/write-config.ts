// A commented configuration out of answers. What was typed is written as JSON, which is YAML, so that no answer can be more than a value. Used by init.ts.

import type { Answers } from './answers.ts';

/** @param paymentKey as a path that the configuration names */
export function writeConfig(answers: Answers, paymentKey: string): string {
  const { role, operator, region, network } = answers;
  return [
    '# conet-relay configuration, made by `conet-relay init`. Paths are relative to this file. All there is: docs/relay-config.example.yaml',
    'identity: ./relay.key # libp2p private key (Ed25519), mode 0600. Keep a copy: it is your name.',
    `operator: ${text(operator)} # your family name; two hops of one circuit are never of one family`,
    `region: ${text(region)} # ISO 3166-1 alpha-2`,
    'log:',
    '  level: info # trace, debug, info, warn, error',
    '',
    ...publicLines(answers),
    ...(network === 'none' ? [] : paymentLines(answers, paymentKey)),
    ...(role === 'entry' ? entryLines(answers) : exitLines(answers)),
    '',
  ].join('\n');
}

function publicLines({ role, addresses, zone, zoneRelay, network }: Answers): string[] {
  // Without somebody who stands behind it nobody is told of a relay.
  const isTold = network !== 'none' && (role === 'entry' || zoneRelay !== undefined);
  return [
    role === 'entry'
      ? 'public: # how others reach this relay; `conet-relay join` lists it so'
      : 'public: # the address that sites see, and whose zone its name is in',
    `  addresses: ${text(addresses)}`,
    `  zone: ${text(zone)} # of its name, *.<peer id>.<zone>`,
    ...(zoneRelay === undefined
      ? []
      : [`  zoneRelay: ${text(zoneRelay)} # who serves that zone: the third of a circuit`]),
    '',
    ...(isTold
      ? ['directory: {} # it is told of in the directory, and keeps it']
      : ['# directory: {} # left out: nobody is told of it']),
    '',
  ];
}

function paymentLines({ role, network, rpc, price }: Answers, paymentKey: string): string[] {
  const name = role === 'entry' ? 'entryPerMiB' : 'exitPerMiB';
  return [
    'payments:',
    `  network: ${network}`,
    `  rpc: ${text(rpc)} # servers of the chain; a second one catches the first when it fails`,
    `  key: ${text(paymentKey)} # its address is paid, and needs a little ETH for gas`,
    '  ledger: ./data/ledger.db # who paid what. Keep it: what is in it and not claimed yet is money.',
    `  prices: { ${name}: ${price} } # millionths of a dollar for 2^20 bytes of both directions`,
    '',
  ];
}

function certificateLines({ role, registration, acme, zone, addresses, libp2p }: Answers): string[] {
  const head = "  certificate: # for this relay's own name, *.<own peer id>.<zone>";
  if (registration === undefined)
    return [`${head}; read again when the files change`, '    files: { key: ./tls/key.pem, chain: ./tls/chain.pem }'];
  const [first = ''] = libp2p;
  const port = first.slice(first.lastIndexOf(':') + 1);
  const announce = addresses.map((address) => `/${address.includes(':') ? 'ip6' : 'ip4'}/${address}/tcp/${port}`);
  return [
    `${head}, by the zone's broker`,
    '    autotls:',
    '      state: ./certificates # certificates, their keys, and the account with the authority',
    `      announce: ${text(announce)} # where the broker sees that it is who it says`,
    // An exit listens nowhere else.
    ...(role === 'exit' ? [`      listen: ${text(first)} # for the broker alone, for the seconds that it needs`] : []),
    `      zones: [{ domain: ${text(zone)}, registration: ${text(registration)}, acme: ${text(acme)} }]`,
  ];
}

function entryLines(answers: Answers): string[] {
  const { tunnels, libp2p } = answers;
  return [
    'entry: # browsers connect to it, exits dial in',
    `  tunnels: ${text(oneOrList(tunnels))} # TCP: TLS of browsers, told apart by SNI`,
    `  libp2p: ${text(oneOrList(libp2p))} # TCP: where exits and other relays connect`,
    ...certificateLines(answers),
  ];
}

function exitLines(answers: Answers): string[] {
  const { entries } = answers;
  return [
    'exit: # it dials its entries, and opens connections to sites: they see its address',
    `  entries: ${text(entries)}`,
    ...certificateLines(answers),
    '  destinations:',
    '    denyPorts: [25, 465, 587] # mail: open these and the address will be on block lists',
  ];
}

/** As a person would write it. */
function oneOrList(values: readonly string[]): string | readonly string[] {
  return values.length === 1 ? (values[0] ?? '') : values;
}

function text(value: string | readonly string[]): string {
  return JSON.stringify(value);
}
