// This machine and its own network, which are closed to private tabs: a page on one port tells which service a person runs.

import { ZONES } from '../../../devnet/plan.ts';
import { fire, type Aim, type Vector } from './vector.ts';

/** Not a port that anything listens on: the question is whether the browser knocks. */
const FIRST_PORT = 20_000;

const port = (aim: Aim): number => FIRST_PORT + aim.number;
const knock = (host: string, on: 'lo' | undefined): Omit<Vector, 'name'> => ({
  newHostsOnly: true,
  ...(on ? { on } : {}),
  matches: (packet, aim) => packet.port === port(aim),
  act: ({ tab, aim }) => fire(tab, `location.href = 'http://${host}:${port(aim)}/'`),
});

export const LOCAL_HOSTS: readonly Vector[] = [
  { name: 'localhost', ...knock('localhost', 'lo') },
  { name: '127.0.0.1', ...knock('127.0.0.1', 'lo') },
  { name: 'IPv6 loopback', ...knock('[::1]', 'lo') },
  { name: '10.0.0.0/8', ...knock('10.1.2.3', undefined) },
  { name: '172.16.0.0/12', ...knock('172.20.1.1', undefined) },
  { name: '192.168.0.0/16', ...knock('192.168.1.1', undefined) },
  { name: '169.254.169.254 (clouds)', ...knock('169.254.169.254', undefined) },
  { name: 'private IPv6', ...knock('[fd12:3456::1]', undefined) },
  {
    name: 'name in a relay zone',
    newHostsOnly: true,
    matches: ({ questions }, aim) => questions.some(({ name }) => name.startsWith(`${aim.host}.`)),
    act: ({ tab, aim }) => fire(tab, `location.href = 'https://${aim.host}.${ZONES.north.name}/'`),
  },
];
