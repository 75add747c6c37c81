// Which site a host belongs to, so that all of a site's hosts leave by one exit. A rule of thumb and not the Public Suffix List, which is larger than the worker: where it
// takes two sites for one they share an exit, which they may do anyway.

import { parseHost } from './host.ts';

/** Labels that stand below a country's for everybody's names: `co.uk`, `com.br`, `or.jp`. */
const SHARED = new Set('ac co com edu gob gov gouv go gr id lg ltd mil ne net nom or org plc sch'.split(' '));
const COUNTRY = /^[a-z]{2}$/;

/** @param host as URLs write it; @returns the registrable domain as far as it can be told, an address or what is no host as it is */
export function siteOfHost(host: string): string {
  const parsed = parseHost(host);
  if (parsed?.kind !== 'name') return host;
  const labels = parsed.name.split('.');
  const [second = '', top = ''] = labels.slice(-2);
  return labels.slice(COUNTRY.test(top) && SHARED.has(second) ? -3 : -2).join('.');
}
