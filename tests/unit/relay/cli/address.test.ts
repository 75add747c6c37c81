// What is typed into the extension to begin with a relay: every part reads back as what it was, and the picture as the line.

import { multiaddr } from '@multiformats/multiaddr';
import fc from 'fast-check';
import { decodeQR } from 'qr/decode.js';
import { expect, test } from 'vitest';
import { address, drawQr } from '../../../../relay/cli/address.ts';
import { parseCommandLine } from '../../../../relay/cli/args.ts';
import type { RelayConfig } from '../../../../relay/config/schema.ts';
import { peerLabel } from '../../../../relay/identity.ts';
import { parseBeginAddress } from '../../../../src/core/directory/begin-address.ts';
import { parseCircuitName } from '../../../../src/core/tunnel/circuit-name.ts';
import { relayKeys } from '../../../support/descriptors.ts';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';

const peerId = peerIdFromPrivateKey((await relayKeys(5)).peerKey);
const identity = { peerId, label: peerLabel(peerId) };
const entry = {
  tunnels: [{ host: '0.0.0.0', port: 8443 }],
  libp2p: [{ host: '0.0.0.0', port: 7401 }],
  certificate: { files: { key: 'k', chain: 'c' } },
} as RelayConfig['entry'];
const reached = { addresses: ['192.0.2.1', '2001:db8::1'], zone: 'relays.example' };
const lines = (more: object = {}) => address({ entry, public: { ...reached, ...more } }, identity, { qr: false });

test('one line for each public address: name, port and peer', () => {
  expect(lines()).toEqual([
    `/dns4/192-0-2-1.${identity.label}.relays.example/tcp/8443/tls/ws/p2p/${peerId.toString()}`,
    `/dns6/2001-db8--1.${identity.label}.relays.example/tcp/8443/tls/ws/p2p/${peerId.toString()}`,
  ]);
  expect(lines({ tunnelPort: 443 })[0]).toContain('.relays.example/tcp/443/tls/');
});

test('each is what the extension takes', () => {
  expect(lines().map(parseBeginAddress)).toMatchObject([
    { peer: identity.label, port: 8443, address: '192.0.2.1' },
    { peer: identity.label, port: 8443, address: '2001:db8::1' },
  ]);
});

test('each reads back as what it was, whatever the address', () => {
  const anyAddress = fc.oneof(
    fc.ipV4(),
    fc.ipV6().filter((text) => !text.includes('.')),
  );
  fc.assert(
    fc.property(anyAddress, fc.integer({ min: 1, max: 65_535 }), (ip, port) => {
      const [line] = lines({ addresses: [ip], tunnelPort: port });
      const [host, tcp, tls, ws, p2p, ...more] = multiaddr(line).getComponents();
      expect([tcp?.name, tls?.name, ws?.name, p2p?.name, more]).toEqual(['tcp', 'tls', 'ws', 'p2p', []]);
      expect(host?.name).toBe(ip.includes(':') ? 'dns6' : 'dns4');
      expect([Number(tcp?.value), p2p?.value]).toEqual([port, peerId.toString()]);
      const name = parseCircuitName(host?.value ?? '');
      expect(name).toMatchObject({ peer: identity.label, zone: 'relays.example' });
      expect(lines({ addresses: [name.address], tunnelPort: port })).toEqual([line]);
    }),
  );
});

test('a relay that nobody can begin with says why', () => {
  const of = (config: Pick<RelayConfig, 'entry' | 'public'>) => () => address(config, identity, { qr: false });
  expect(of({ entry: undefined, public: reached })).toThrow('entry: is missing');
  expect(of({ entry, public: undefined })).toThrow('public: is missing');
  expect(of({ entry, public: { addresses: reached.addresses } })).toThrow('public.zone: is missing');
  const system = { ...entry!, tunnels: [{ host: '0.0.0.0', port: 0 }] as const };
  expect(of({ entry: system, public: reached })).toThrow('public.tunnelPort: is missing');
  const zone = Array.from({ length: 4 }, () => 'z'.repeat(50)).join('.');
  expect(of({ entry, public: { ...reached, zone } })).toThrow(/^public\.zone: the name has \d+ characters$/);
});

test('the picture is read by a camera as the line, dark on white whatever the terminal', () => {
  const all = address({ entry, public: reached }, identity, { qr: true });
  expect(all.filter((line) => line.startsWith('/dns'))).toEqual(lines());
  for (const line of lines()) {
    const drawn = drawQr(line);
    const from = all.indexOf(line) + 1;
    expect(all.slice(from, from + drawn.length)).toEqual(drawn);
    expect(readPicture(drawn)).toBe(line);
    // Of a terminal of 80 columns and 40 lines.
    expect(drawn.length).toBeLessThan(40);
    expect(Math.max(...drawn.map((row) => cellsOf(row).length))).toBeLessThan(80);
  }
});

test('the command line knows it', () => {
  const argv = ['address', '--config', 'relay.yaml'];
  expect(parseCommandLine(argv)).toEqual({ name: 'address', config: 'relay.yaml', qr: false });
  expect(parseCommandLine([...argv, '--qr'])).toMatchObject({ qr: true });
});

/** Without the escapes that set the colours. */
function cellsOf(row: string): string {
  const [, cells = ''] = /^\u001b\[38;5;231;48;5;16m(.*)\u001b\[0m$/.exec(row) ?? [];
  return cells;
}

/** As a screen shows it and a camera reads it: white where the foreground is, several pixels to a module. */
function readPicture(rows: readonly string[]): string {
  const scale = 4;
  const bits = rows.flatMap((row) => [
    Array.from(cellsOf(row)).map((cell) => cell === '█' || cell === '▀'),
    Array.from(cellsOf(row)).map((cell) => cell === '█' || cell === '▄'),
  ]);
  const [width, height] = [(bits[0]?.length ?? 0) * scale, bits.length * scale];
  const data = new Uint8Array(width * height * 4);
  for (let at = 0; at < width * height; at += 1) {
    const isWhite = bits[Math.floor(at / width / scale)]?.[Math.floor((at % width) / scale)] === true;
    data.set([...Array.from({ length: 3 }, () => (isWhite ? 255 : 0)), 255], 4 * at);
  }
  return decodeQR({ width, height, data });
}
