// The daemon's name and version, as `--version` prints it and other relays see it.

export const VERSION = '0.1.0';
export const AGENT = `conet-relay/${VERSION}`;
