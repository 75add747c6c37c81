// The daemon's name and version, as `--version` prints it and other relays see it. One version for all that is in the repository: package.json has it.

import packageJson from '../package.json' with { type: 'json' };

export const VERSION: string = packageJson.version;
export const AGENT = `conet-relay/${VERSION}`;
