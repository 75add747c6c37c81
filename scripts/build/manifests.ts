// How manifest.json, written for Chrome, becomes the manifest of each browser. Pure; called by webpack.config.ts. The version is that of package.json, which is the one place for it.

import packageJson from '../../package.json' with { type: 'json' };

export type ManifestTransform = (text: string) => string;
type Manifest = Record<string, unknown>;

export const chromeManifest: ManifestTransform = (text) => write(withVersion(read(text)));

export const firefoxManifest: ManifestTransform = (text) =>
  write(withContainers(withoutManagement(withGeckoSettings(withEventPage(withVersion(read(text)))))));

function withVersion(manifest: Manifest): Manifest {
  return { ...manifest, version: packageJson.version };
}

/** Firefox has no service worker for extensions; its event page is woken by the same events. */
function withEventPage(manifest: Manifest): Manifest {
  return { ...manifest, background: { scripts: ['worker.js'] } };
}

/** Nobody takes the proxy from a listener of Firefox, so names are asked for when there is a conflict (src/platform/neighbours.ts). */
function withoutManagement(manifest: Manifest): Manifest {
  const permissions = (manifest['permissions'] as string[]).filter((permission) => permission !== 'management');
  const optional = [...(manifest['optional_permissions'] as string[]), 'management'];
  return { ...manifest, permissions, optional_permissions: optional };
}

/** Containers for private tabs, and the cookies that go with them: Chrome knows neither permission. */
function withContainers(manifest: Manifest): Manifest {
  return { ...manifest, permissions: [...(manifest['permissions'] as string[]), 'contextualIdentities', 'cookies'] };
}

function withGeckoSettings({ minimum_chrome_version: _, ...manifest }: Manifest): Manifest {
  return {
    ...manifest,
    browser_specific_settings: {
      gecko: {
        id: 'private-browsing@conet.network',
        // 140 is the first version that shows data collection at installation, and an ESR.
        strict_min_version: '140.0',
        // What a private tab asks for passes the relays the person chose this extension for.
        data_collection_permissions: { required: ['browsingActivity', 'websiteContent'] },
      },
    },
  };
}

const read = (text: string): Manifest => JSON.parse(text) as Manifest;
const write = (manifest: Manifest): string => `${JSON.stringify(manifest, null, 2)}\n`;
