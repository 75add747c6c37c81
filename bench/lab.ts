// What all peers share in one run: an authority, a name server, the site, a throw-away folder.

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCertificateAuthority, type CertificateAuthority } from '../devnet/ca.ts';
import { createLifeline, type Lifeline } from '../devnet/lifeline.ts';
import { ZONES } from '../devnet/plan.ts';
import { startNameServer } from '../devnet/zone-dns.ts';
import { DOMAIN, OUR_PORTS, PAGE_HOSTS, RESOLVER, SITE } from './peers/plan.ts';
import { startProgram, type Program } from './peers/program.ts';

const SITE_PROGRAM = join(import.meta.dirname, 'site', 'main.ts');

export type Lab = {
  folder: string;
  authority: CertificateAuthority;
  caFile: string;
  lifeline: Lifeline;
  site: Program;
  close: () => Promise<void>;
};

export async function openLab(): Promise<Lab> {
  const lifeline = createLifeline();
  const folder = await mkdtemp(join(tmpdir(), 'conet-bench-'));
  lifeline.holdFolder(folder);
  const authority = await createCertificateAuthority('CONET bench (throw-away)');
  const caFile = join(folder, 'ca.pem');
  await writeFile(caFile, authority.certificate);
  const hosts = new Map([SITE, ...PAGE_HOSTS].map(({ host, address }) => [host, address]));
  const zones = Object.values(ZONES).map(({ name }) => name);
  const data = { zones, sites: { domain: DOMAIN, hosts } };
  const names = await startNameServer({ data, address: RESOLVER, port: OUR_PORTS.dns });
  // One certificate for each host, or a browser would take one connection for several of them.
  const leaves = await Promise.all(
    [SITE, ...PAGE_HOSTS].map(async ({ host, address }) => ({
      ...{ host, address },
      ...(await authority.issue([{ type: 'dns', value: host }])),
    })),
  );
  const plan = join(folder, 'site.json');
  await writeFile(plan, JSON.stringify(leaves));
  const site = await startProgram({
    words: [process.execPath, SITE_PROGRAM, plan],
    ...{ lifeline, folder, listens: { address: SITE.address, port: SITE.http } },
  });
  return {
    ...{ folder, authority, caFile, lifeline, site },
    close: async () => {
      await site.stop();
      await names.close();
      await lifeline.close();
    },
  };
}
