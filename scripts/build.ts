// `npm run build`: both extensions, and their sizes against their limits.

import { build } from './build/build.ts';

const { sizes, problem } = await build();
for (const line of sizes) console.log(line);
if (problem !== undefined) {
  console.error(problem);
  process.exit(1);
}
