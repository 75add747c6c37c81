// A view whose content the worker is asked for when it is opened: what it says meanwhile, and where the worker refuses.

import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { MessageErrorCode, MessageReply } from '../../src/messages/protocol.ts';
import { t } from '../../src/text/translate.ts';
import { codeOf } from '../code-of.ts';
import { Trouble, View, wordsFor } from '../parts.tsx';
import type { ScreenRoute } from '../route.ts';
import { useIsThere, useShell } from '../shell.ts';

type Question = 'relays/read' | 'relays/read-begin' | 'sites/read';

export type AskedViewProps<T extends Question> = {
  route: ScreenRoute;
  title: string;
  question: T;
  /** @param setAnswer where the worker has answered something newer */
  draw: (answer: MessageReply<T>, setAnswer: (answer: MessageReply<T>) => void) => JSX.Element;
  /** Below, whatever the worker says. */
  children?: ComponentChildren;
};

export function AskedView<T extends Question>({
  route,
  title,
  question,
  draw,
  children,
}: AskedViewProps<T>): JSX.Element {
  const { ask } = useShell();
  const isThere = useIsThere();
  const [answer, setAnswer] = useState<MessageReply<T>>();
  const [error, setError] = useState<MessageErrorCode>();
  useEffect(() => {
    ask(question, {}).then(
      (given) => isThere() && setAnswer(given),
      (refused: unknown) => isThere() && setError(codeOf(refused)),
    );
  }, []);
  return (
    <View route={route} title={title}>
      {answer === undefined ? (
        <>
          <p>{error === undefined ? t('common_one_moment') : ''}</p>
          <Trouble words={wordsFor(error)} />
        </>
      ) : (
        draw(answer, setAnswer)
      )}
      {children}
    </View>
  );
}
