// Runs a PAC text as the browser does: alone in a context of its own, without any helper of Chrome's PAC engine, so that a text
// that used one (`isInNet`, `dnsResolve`: they leak DNS) would throw here.

import vm from 'node:vm';

export type Pac = (host: string) => unknown;

/** @param now what the clock says inside */
export function runPac(text: string, now: number): Pac {
  const context = vm.createContext({});
  vm.runInContext(`Date.now = function () { return ${now}; };`, context);
  vm.runInContext(text, context);
  const find = vm.runInContext('FindProxyForURL', context) as (url: string, host: string) => unknown;
  return (host) => find(`https://${host}/`, host);
}

/** The host as Chrome hands it to a PAC: without the brackets of IPv6. */
export function pacHost(host: string): string {
  return host.startsWith('[') ? host.slice(1, -1) : host;
}
