// One rule for each arrow that must not exist, from the inside to the outside (docs/ARCHITECTURE.md, "Which way imports point").
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-is-pure',
      comment: 'src/core imports only itself and one pure library (docs/decisions/0003-pure-libraries-in-core.md)',
      severity: 'error',
      from: { path: '^src/core/' },
      // The catalog of messages only for its keys, as a type.
      to: { pathNot: '^src/core/|^_locales/en/|node_modules/ipaddr\\.js/' },
    },
    {
      name: 'text-knows-core-only',
      comment: 'words for pages: which browser they come from is not its business, and the worker has no formatter',
      severity: 'error',
      from: { path: '^src/text/' },
      to: { pathNot: '^src/(text|core)/|node_modules/intl-messageformat/' },
    },
    {
      name: 'looks-know-nothing',
      comment: 'parts are given their words and their state',
      severity: 'error',
      from: { path: '^src/looks/' },
      to: { pathNot: '^src/looks/|node_modules/(preact|@types)/' },
    },
    {
      name: 'only-text-formats-messages',
      severity: 'error',
      from: { pathNot: '^(src/text|tests|scripts)/' },
      to: { path: 'node_modules/(intl-messageformat|@formatjs)/' },
    },
    {
      name: 'messages-know-core-only',
      severity: 'error',
      from: { path: '^src/messages/' },
      to: { pathNot: '^src/(messages|core)/' },
    },
    {
      name: 'ports-know-core-only',
      severity: 'error',
      from: { path: '^src/ports/' },
      to: { pathNot: '^src/(ports|core)/' },
    },
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      from: { path: '^src/(platform|net|chain)/' },
      to: { path: '^src/(platform|net|chain)/', pathNot: '^src/$1/' },
    },
    {
      name: 'only-platform-touches-the-browser',
      severity: 'error',
      from: { pathNot: '^(src/platform|tests)/' },
      to: { path: 'node_modules/(webextension-polyfill|@types/webextension-polyfill)' },
    },
    {
      name: 'only-net-touches-libp2p',
      severity: 'error',
      from: { pathNot: '^(src/net|relay|devnet|bench|tests)/' },
      to: { path: 'node_modules/(libp2p|@libp2p|@chainsafe|@multiformats)/' },
    },
    {
      name: 'only-chain-holds-keys',
      comment: 'in the extension; the wallet of the popup speaks messages',
      severity: 'error',
      from: { path: '^(src|background|popup|pages|content)/', pathNot: '^src/chain/' },
      to: { path: 'node_modules/(ethers|hash-wasm)/' },
    },
    {
      name: 'pages-speak-messages-only',
      severity: 'error',
      from: { path: '^(popup|content|pages/[^/]+)/' },
      to: {
        pathNot: [
          '^$1/',
          '^src/(messages|core|text|looks)/',
          '^src/platform/(browser|catalog|messaging|page-host|page-settings|popup-tab|probe-tab|worker-words)\\.ts$',
          'node_modules/(preact|lean-qr|qr|@types)/',
          '\\.(css|html|svg)$',
        ],
      },
    },
    {
      name: 'background-does-not-know-pages',
      severity: 'error',
      from: { path: '^background/' },
      to: { path: '^(popup|content|pages|relay|devnet)/' },
    },
    {
      name: 'relay-shares-core-and-rail-only',
      comment:
        'the rail of payments, and how a chain and a directory are asked, and a stream is begun, are one code for both sides (docs/decisions/0017-one-rail-for-both-sides.md)',
      severity: 'error',
      from: { path: '^relay/' },
      to: {
        path: '^(src|background|content|popup|pages|devnet|bench|tests)/',
        pathNot:
          '^src/(core|chain/rail|chain/registry)/|^src/chain/rpc\\.ts$|^src/net/(change-muxers|directory-client|presumed-protocol)\\.ts$',
      },
    },
    {
      name: 'rail-is-pure',
      comment: 'functions of typed data: no provider, no wallet service, nothing of the extension',
      severity: 'error',
      from: { path: '^src/chain/rail/' },
      to: {
        pathNot: '^src/(core|chain/rail)/|node_modules/ethers/lib\\.esm/(abi|crypto|hash|transaction|utils|wallet)/',
      },
    },
    {
      name: 'only-chain-touches-ethers',
      severity: 'error',
      from: { pathNot: '^(src/chain|relay|devnet|bench|tests)/' },
      to: { path: 'node_modules/ethers/' },
    },
    {
      name: 'src-does-not-know-entry-points',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(background|content|popup|pages|relay|devnet|bench|tests)/' },
    },
    {
      name: 'nothing-shipped-knows-the-tests',
      severity: 'error',
      from: { path: '^(background|content|popup|pages|src|relay|devnet|bench|scripts)/' },
      to: { path: '^tests/' },
    },
    {
      name: 'not-to-dev-dep',
      comment: 'what is shipped uses dependencies only',
      severity: 'error',
      from: { path: '^(background|content|popup|pages|src|relay)/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    // Without this, type-only imports are invisible to the rules.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.d.ts'],
    },
  },
};
