// Where in the popup the person is: the hash of its address, so that a link leads to any view (`popup/index.html#/wallet/deposit`). Pure.

export type Route = 'home' | WalletRoute;

/** Every view but the first one, and where "Back" leads from it. */
const PARENTS = {
  wallet: 'home',
  'wallet/question': 'home',
  'wallet/confirm': 'wallet',
  'wallet/import': 'wallet',
  'wallet/accounts': 'wallet',
  'wallet/export': 'wallet/accounts',
  'wallet/password': 'wallet/accounts',
  'wallet/find': 'wallet/accounts',
  'wallet/deposit': 'wallet',
  'wallet/receive': 'wallet',
  'wallet/history': 'wallet',
  'wallet/limits': 'wallet',
  'wallet/servers': 'wallet',
} as const;
/** What is not the first view, and loaded when it is opened. */
export type WalletRoute = keyof typeof PARENTS;

const WALLET_ROUTES = Object.keys(PARENTS) as WalletRoute[];

/** What leads nowhere leads home. */
export function parseRoute(hash: string): Route {
  return WALLET_ROUTES.find((route) => hash === hashOf(route)) ?? 'home';
}

export function hashOf(route: Route): string {
  return route === 'home' ? '#/' : `#/${route}`;
}

export function parentOf(route: WalletRoute): Route {
  return PARENTS[route];
}
