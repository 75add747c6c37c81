// What stands in the sources of the extension, by TypeScript's own parser: the keys of messages that they name, and text that a person would read
// without a message. For tests/unit/text.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

export const ROOT = join(import.meta.dirname, '../..');

/** Everything that is bundled, but for src/chain, which shows nothing. */
const FOLDERS = ['popup', 'pages', 'background', 'content', 'src'];
const WITHOUT = 'src/chain/';

export type Source = { path: string; tree: ts.SourceFile };

export function extensionSources(): Source[] {
  return FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name))
      .map((name) => `${folder}/${name}`),
  )
    .filter((path) => !path.startsWith(WITHOUT))
    .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')));
}

export function parseSource(path: string, text: string): Source {
  return { path, tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true) };
}

/** Every string that stands whole in the code, of types too. */
export function stringsOf({ tree }: Source): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

/** Attributes of elements that are read out or shown. */
const SHOWN = /^(?:title|alt|placeholder|label|aria-(?:label|description|roledescription|valuetext|placeholder))$/;

/** A word of a language: letters alone, with what belongs to words. */
const WORD = /^[“"‘(]*\p{L}[\p{L}’'-]*[.,:;?!…”"’)]*$/u;

/** Where engineers have no words of their own: what reads like words is for a person there, whatever it begins with. */
const SPOKEN = /^(?:popup|pages|background|content|src\/(?:platform|text))\//;

/**
 * Text for a person: what stands between tags; in an attribute that is shown; a word or a sentence that begins with a capital letter or a
 * quotation mark, or with a gap; and in `SPOKEN` three words beside each other. What is thrown, and types, are for engineers.
 */
export function textIn({ path, tree }: Source): string[] {
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || isThrown(node)) return;
    const text = wholeText(node);
    if (ts.isJsxText(node) && /\p{L}/u.test(node.text)) found.push(node.text.trim());
    else if (ts.isJsxAttribute(node) && isShown(node)) found.push(node.initializer?.getText() ?? '');
    else if (text !== undefined && (isSentence(text) || (SPOKEN.test(path) && wordsInARow(text) > 2))) found.push(text);
    else ts.forEachChild(node, visit);
  };
  visit(tree);
  return found;
}

function isShown({ name, initializer }: ts.JsxAttribute): boolean {
  if (!SHOWN.test(name.getText()) || initializer === undefined) return false;
  return ts.isStringLiteral(initializer) && /^\p{Lu}|\s/u.test(initializer.text);
}

/** With `{}` for each gap of a template. */
function wholeText(node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('{}');
}

function isSentence(text: string): boolean {
  if (/^\p{Lu}\p{Ll}+…?$/u.test(text)) return true;
  return /^(?:[\s(]*[\p{Lu}“]|\{\} )/u.test(text) && wordsInARow(text) > 1;
}

function wordsInARow(text: string): number {
  let [row, longest] = [0, 0];
  for (const word of text.trim().split(/\s+/)) {
    row = WORD.test(word) ? row + 1 : 0;
    longest = Math.max(longest, row);
  }
  return longest;
}

/** `new SomeError(…)`, and what a class of errors says of itself. */
function isThrown(node: ts.Node): boolean {
  if (ts.isNewExpression(node)) return node.expression.getText().endsWith('Error');
  return ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
}
