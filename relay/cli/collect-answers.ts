// Gets the answers that `conet-relay init` needs: from flags, and what they leave open from a person, or from what is usual where nobody is there. Used by init.ts.

import { QUESTIONS, readAnswers, type Answers, type Question, type Texts } from './answers.ts';
import { UsageError } from './args.ts';

/** Resolves to what was typed; rejects when nobody is there any more. */
export type Ask = (question: string) => Promise<string>;

/** Of one question: who gets it wrong so often does not know. */
const TRIES = 5;

/**
 * Throws `UsageError` for a flag that does not fit, and for what has to be answered where nobody can.
 * @param ask left out: nobody is there
 */
export async function collectAnswers(given: Texts, ask?: Ask): Promise<Answers> {
  const texts: Texts = {};
  for (const question of QUESTIONS) {
    const { name, flag, fallback, when, fault } = question;
    if (when?.(texts) === false) {
      if (given[name] !== undefined) throw new UsageError(`--${flag} does not go with the other answers`);
      continue;
    }
    const text = given[name] ?? (ask === undefined ? fallback : await askUntilRight(question, ask));
    if (text === undefined) throw new UsageError(`--${flag} is missing; without a terminal nobody can be asked`);
    const wrong = fault(text);
    if (wrong !== undefined) throw new UsageError(`--${flag}: ${wrong}`);
    texts[name] = text;
  }
  return readAnswers(texts);
}

async function askUntilRight({ text, fallback, fault, flag }: Question, ask: Ask): Promise<string> {
  const prompt = `${text}\n${fallback === undefined || fallback === '' ? '' : `[${fallback}] `}> `;
  let say = prompt;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const typed = (await ask(say)).trim();
    const answer = typed === '' && fallback !== undefined ? fallback : typed;
    const wrong = fault(answer);
    if (wrong === undefined) return answer;
    say = `That does not fit: ${wrong}.\n> `;
  }
  throw new UsageError(`--${flag} was not answered`);
}
