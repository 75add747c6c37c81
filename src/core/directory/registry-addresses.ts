// Where to begin with a relay, as its entry of the registry has it: multiaddrs in their binary form (https://github.com/multiformats/multiaddr), each with its length
// before it. The contract checks nothing but the length, so a stranger may have written anything: what is of no use here is passed over. Two forms are used:
//   /ip4|ip6/A/tcp/P/tls/sni/<own name>/ws   the worker's way in, by the relay's own name
//   /ip4|ip6/A/tcp/P                         libp2p, for exits and other relays

import { formatCircuitName, parseCircuitName, type CircuitName, type PeerLabel } from '../tunnel/circuit-name.ts';
import { concatBytes } from '../wire/concat.ts';
import { text } from '../wire/kinds.ts';
import { encodeVarint, readVarint } from '../wire/protobuf.ts';
import { WireError } from '../wire/wire-error.ts';
import { asDirectoryError } from './descriptor.ts';
import { ip } from './descriptor-kinds.ts';
import { DirectoryError } from './directory-error.ts';

/** `MAX_ADDRESSES` of contracts/src/RelayRegistry.sol. */
export const MAX_ADDRESSES_BYTES = 256;

/** `zone` is that of the relay's own name, at which TLS ends. */
export type WorkerAddress = { address: string; port: number; zone: string };
export type RelayAddress = { address: string; port: number };
export type RegistryAddresses = { workers: WorkerAddress[]; relays: RelayAddress[] };

/** https://github.com/multiformats/multiaddr/blob/master/protocols.csv */
const CODE = { ip4: 4, tcp: 6, ip6: 41, tls: 448, sni: 449, ws: 477 } as const;
const IP4_BYTES = 4;
const IP6_BYTES = 16;
const PORT_BYTES = 2;
/** A DNS name. */
const name = text(253);

/** @param peer whose name the workers' way in has. Throws `DirectoryError` too-large, and malformed where it would not read back. */
export function encodeRegistryAddresses(peer: PeerLabel, addresses: RegistryAddresses): Uint8Array<ArrayBuffer> {
  const { workers, relays } = addresses;
  return asDirectoryError(() => {
    const all = [
      ...workers.map((worker) => concatBytes([hostAndPort(worker), ownName(peer, worker)])),
      ...relays.map(hostAndPort),
    ];
    const bytes = concatBytes(all.flatMap((each) => [number(each.length), each]));
    checkLength(bytes);
    return bytes;
  });
}

/**
 * Passes over what is none of the two forms, or has another relay's name. Throws `DirectoryError`: too-large, and malformed where lengths do not fit.
 * @param peer whose entry it is
 */
export function decodeRegistryAddresses(peer: PeerLabel, bytes: Uint8Array): RegistryAddresses {
  checkLength(bytes);
  return asDirectoryError(() => {
    const found: RegistryAddresses = { workers: [], relays: [] };
    for (let at = 0; at < bytes.length;) {
      const { value, end } = readVarint(bytes, at);
      if (value === 0n || value > BigInt(bytes.length - end))
        throw new DirectoryError('malformed', 'an address ends outside of its list');
      at = end + Number(value);
      readAddress(peer, bytes.subarray(end, at), found);
    }
    return found;
  });
}

function readAddress(peer: PeerLabel, bytes: Uint8Array, found: RegistryAddresses): void {
  const parts = components(bytes);
  const [host, tcp, tls, sni, ws, ...more] = parts ?? [];
  const address = host && addressOf(host);
  const port = tcp?.code === CODE.tcp ? ((tcp.value[0] ?? 0) << 8) | (tcp.value[1] ?? 0) : 0;
  if (address === undefined || port === 0) return;
  if (tls === undefined) {
    found.relays.push({ address, port });
    return;
  }
  const isWay = tls.code === CODE.tls && sni?.code === CODE.sni && ws?.code === CODE.ws && more.length === 0;
  const own = isWay ? nameIn(sni.value) : undefined;
  if (own?.peer === peer && own.address === address) found.workers.push({ address, port, zone: own.zone });
}

type Component = { code: number; value: Uint8Array };

/** Undefined where one of them is of another protocol, whose length is not known here, or ends outside. */
function components(bytes: Uint8Array): Component[] | undefined {
  return unlessWrong(() => {
    const found: Component[] = [];
    for (let at = 0; at < bytes.length;) {
      const { value, end } = readVarint(bytes, at);
      const sized = value === BigInt(CODE.sni) ? readVarint(bytes, end) : undefined;
      const length = sized === undefined ? lengthOf(value) : Number(sized.value);
      const from = sized?.end ?? end;
      if (length > bytes.length - from) throw new WireError('truncated', 'an address ends inside of a part');
      at = from + length;
      found.push({ code: Number(value), value: bytes.subarray(from, at) });
    }
    return found;
  });
}

function lengthOf(code: bigint): number {
  switch (Number(code)) {
    case CODE.ip4:
      return IP4_BYTES;
    case CODE.ip6:
      return IP6_BYTES;
    case CODE.tcp:
      return PORT_BYTES;
    case CODE.tls:
    case CODE.ws:
      return 0;
    default:
      throw new WireError('unknown-message', 'a protocol that no relay is reached by');
  }
}

function addressOf({ code, value }: Component): string | undefined {
  if (code !== CODE.ip4 && code !== CODE.ip6) return undefined;
  return unlessWrong(() => ip.decode(value));
}

function nameIn(bytes: Uint8Array): CircuitName | undefined {
  const spelt = unlessWrong(() => name.decode(bytes));
  try {
    return spelt === undefined ? undefined : parseCircuitName(spelt);
  } catch {
    return undefined;
  }
}

function hostAndPort({ address, port }: RelayAddress): Uint8Array {
  const host = ip.encode(address);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new WireError('bad-value', 'not a port');
  const code = host.length === IP4_BYTES ? CODE.ip4 : CODE.ip6;
  return concatBytes([number(code), host, number(CODE.tcp), Uint8Array.of(port >> 8, port & 0xff)]);
}

function ownName(peer: PeerLabel, { address, zone }: WorkerAddress): Uint8Array {
  const own = name.encode(circuitName({ address, peer, zone }));
  return concatBytes([number(CODE.tls), number(CODE.sni), number(own.length), own, number(CODE.ws)]);
}

function circuitName(parts: CircuitName): string {
  try {
    return formatCircuitName(parts);
  } catch {
    throw new WireError('bad-value', 'no name of a relay');
  }
}

function number(value: number): Uint8Array {
  return Uint8Array.from(encodeVarint(BigInt(value)));
}

function checkLength({ length }: Uint8Array): void {
  if (length > MAX_ADDRESSES_BYTES) throw new DirectoryError('too-large', 'more addresses than the registry takes');
}

function unlessWrong<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}
