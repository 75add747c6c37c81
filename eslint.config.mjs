import tseslint from 'typescript-eslint';

const pureMessage = 'core is pure: take it as an argument';
const impureGlobals = [
  ...['chrome', 'browser', 'fetch', 'setTimeout', 'setInterval', 'queueMicrotask', 'crypto', 'performance', 'console'],
  ...['document', 'window', 'self', 'globalThis', 'process', 'localStorage', 'indexedDB', 'WebSocket'],
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.devnet/**', 'artifacts/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [...tseslint.configs.strictTypeChecked, ...tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      // Types describe wire and storage shapes by index as often as by name; an unused `_` parameter keeps a signature readable.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // The two styles read alike; objects that cross a wire are written as types.
      '@typescript-eslint/consistent-type-definitions': 'off',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    files: ['src/core/**/*.ts', 'src/messages/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', ...impureGlobals.map((name) => ({ name, message: pureMessage }))],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: pureMessage },
        { object: 'Math', property: 'random', message: pureMessage },
      ],
      'no-restricted-syntax': [
        'error',
        { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: pureMessage },
        {
          selector:
            "Program > VariableDeclaration[kind='let'], ExportNamedDeclaration > VariableDeclaration[kind='let']",
          message: 'no module-level mutable state: it dies with the service worker',
        },
      ],
    },
  },
  {
    // Command-line programs print.
    files: [
      'devnet/**/*.ts',
      'bench/**/*.ts',
      'scripts/**/*.ts',
      'relay/main.ts',
      'relay/cli/**/*.ts',
      'tests/**/*.ts',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['tests/**/*.ts', 'tests/**/*.tsx'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off', '@typescript-eslint/require-await': 'off' },
  },
);
