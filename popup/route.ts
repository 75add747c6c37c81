// Where in the popup the person is: the hash of its address, so that a link leads to any view (`popup/index.html#/wallet/deposit`). Pure.

export type Route = 'home' | ScreenRoute;

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
  activity: 'home',
  settings: 'home',
  'settings/stored': 'settings',
  'settings/wipe': 'settings/stored',
  'settings/log': 'settings',
  'settings/shortcuts': 'settings',
  welcome: 'settings',
  relays: 'home',
  'relays/begin': 'relays',
  exits: 'home',
  sites: 'home',
  'sites/file': 'sites',
} as const;
/** What is not the first view, and loaded when it is opened. */
export type ScreenRoute = keyof typeof PARENTS;

const SCREEN_ROUTES = Object.keys(PARENTS) as ScreenRoute[];

/** What leads nowhere leads home. */
export function parseRoute(hash: string): Route {
  return SCREEN_ROUTES.find((route) => hash === hashOf(route)) ?? 'home';
}

export function hashOf(route: Route): string {
  return route === 'home' ? '#/' : `#/${route}`;
}

export function parentOf(route: ScreenRoute): Route {
  return PARENTS[route];
}
