// Two network namespaces joined by a cable: the client's, where browsers and their driver run, and the servers', which is all the
// internet there is. Neither has a way out, so that addresses can be public ones by their number. Used by scripts/leak.ts; whatever is
// made here is held by the lifeline and goes with the program, however it ends.

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cable } from '../../devnet/laboratory/plan.ts';
import type { Lifeline } from '../../devnet/lifeline.ts';

/** `ip netns exec NAME` lays these files over those of /etc, for the processes that it starts and no others. */
const ETC = '/etc/netns';

export type NamespacesInit = {
  /** Different for each run on this machine. */
  tag: string;
  lifeline: Lifeline;
  cable: Cable;
  /** Addresses that the servers have one by one. */
  addresses: readonly string[];
  /** Blocks of which the servers have every address (Linux calls it AnyIP). */
  blocks: readonly string[];
  /** The client's name server. */
  resolver: string;
};

export type Namespaces = { client: string; server: string };

export function createNamespaces(init: NamespacesInit): Namespaces {
  const { tag, lifeline, cable, addresses, blocks, resolver } = init;
  const names = { client: `conet-c-${tag}`, server: `conet-s-${tag}` };
  // Held before they exist: the guard does not mind one that was never made.
  for (const name of [names.client, names.server]) lifeline.holdNamespace(name);
  writeEtc(names.client, resolver);
  for (const name of [names.client, names.server]) ip('netns', 'add', name);
  for (const name of [names.client, names.server]) {
    // An address is usable at once, without the second that looking for a double of it takes.
    inside(name, 'sysctl', '-qw', 'net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0');
    // Taken out and put in again, the cable has its IPv6 addresses as it has its IPv4 ones.
    inside(name, 'sysctl', '-qw', ...['all', 'default'].map((link) => `net.ipv6.conf.${link}.keep_addr_on_down=1`));
    inside(name, 'ip', 'link', 'set', 'lo', 'up');
  }
  ip('link', 'add', 'veth', 'netns', names.client, 'type', 'veth', 'peer', 'name', 'veth', 'netns', names.server);
  for (const end of ['client', 'server'] as const) {
    const { v4, v6 } = cable[end];
    inside(names[end], 'ip', 'addr', 'add', `${v4}/${cable.bits.v4}`, 'dev', 'veth');
    inside(names[end], 'ip', '-6', 'addr', 'add', `${v6}/${cable.bits.v6}`, 'dev', 'veth', 'nodad');
    inside(names[end], 'ip', 'link', 'set', 'veth', 'up');
  }
  inside(names.client, 'ip', 'route', 'add', 'default', 'via', cable.server.v4);
  inside(names.client, 'ip', '-6', 'route', 'add', 'default', 'via', cable.server.v6);
  for (const address of addresses) inside(names.server, 'ip', 'addr', 'add', `${address}/32`, 'dev', 'lo');
  for (const block of blocks) {
    inside(names.server, 'ip', block.includes(':') ? '-6' : '-4', 'route', 'add', 'local', block, 'dev', 'lo');
  }
  return names;
}

function writeEtc(name: string, resolver: string): void {
  const folder = join(ETC, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'resolv.conf'), `nameserver ${resolver}\noptions timeout:1 attempts:2\n`);
  // As on most desktops, without the module for multicast names: with it Chromium leaves names to the C library, and asks fewer questions.
  writeFileSync(join(folder, 'nsswitch.conf'), 'passwd: files\ngroup: files\nhosts: files dns\n');
  // Chromium and Firefox read an administrator's policies below here; the tests write them.
  for (const [browser, policies] of [
    ['chromium', 'policies/managed'],
    ['firefox', 'policies'],
  ] as const) {
    const own = join('/etc', browser);
    if (existsSync(own)) cpSync(own, join(folder, browser), { recursive: true });
    // What is laid over needs something to lie on.
    else mkdirSync(own);
    mkdirSync(join(folder, browser, policies), { recursive: true });
  }
}

function ip(...words: string[]): void {
  execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });
}

function inside(name: string, ...command: string[]): void {
  ip('netns', 'exec', name, ...command);
}
