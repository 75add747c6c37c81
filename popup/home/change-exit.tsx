// The way to the choice of an exit, and what was chosen: where it cannot be had now, that is said, with where sites see the person instead.

import type { JSX } from 'preact';
import type { LastingChoice } from '../../src/core/circuit/exit-choice.ts';
import type { PopupSnapshot } from '../../src/core/state/snapshot.ts';
import { regionName } from '../../src/text/formats.ts';
import { t } from '../../src/text/translate.ts';
import { hashOf } from '../route.ts';

export function ChangeExit(): JSX.Element {
  return (
    <a class="change-exit" href={hashOf('exits')}>
      {t('home_change_exit')}
    </a>
  );
}

export function ChosenExit({ words }: { words: string }): JSX.Element {
  return (
    <p class="note" data-chosen-exit role="status">
      {words}
    </p>
  );
}

/** Undefined where nothing was chosen, and while there is no circuit to speak of. */
export function chosenExitWords({ exitChoice, circuit, status }: PopupSnapshot): string | undefined {
  if (exitChoice === undefined || status.is !== 'private' || circuit === undefined) return undefined;
  const { choice, isMet } = exitChoice;
  const now = regionName(circuit.exit.region);
  if (choice.kind === 'free') return isMet ? t('home_exit_free') : t('home_exit_not_free', { now });
  if (isMet) return t('home_exit_chosen', { place: placeOf(choice) });
  return t('home_exit_missed', { place: placeOf(choice), now });
}

/** What was chosen, as a name. */
export function placeOf(choice: LastingChoice): string {
  if (choice.kind === 'free') return t('exits_free');
  const region = regionName(choice.region);
  return choice.kind === 'region' ? region : t('exits_operator_in', { operator: choice.operator, region });
}
