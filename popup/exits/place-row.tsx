// One country to leave in: a button, how many exits of whom, a star, and its operators when they are asked for. Names of operators are strangers' words: text, apart from what stands around them.

import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { isSameChoice, type ExitChoice, type LastingChoice } from '../../src/core/circuit/exit-choice.ts';
import type { ExitPlace } from '../../src/core/circuit/exits-view.ts';
import { t } from '../../src/text/translate.ts';
import type { FoundPlace } from './find-places.ts';

export type Choosing = {
  /** What holds now. */
  choice: LastingChoice | undefined;
  favourites: readonly string[];
  onChoose: (choice: ExitChoice) => void;
  onMark: (region: string, wanted: boolean) => void;
};

export function PlaceRow({ place, ...on }: { place: FoundPlace } & Choosing): JSX.Element {
  const { region, name, exits, operators, moreOperators } = place;
  const isMarked = on.favourites.includes(region);
  const words =
    exits === 0
      ? t('exits_none_fits', { all: place.all })
      : t('exits_counted', { exits, operators: operators.length + moreOperators });
  return (
    <li class="place-row">
      <div class="place-line">
        <ChoiceButton {...on} of={{ kind: 'region', region }} isOff={exits === 0}>
          <span class="code" aria-hidden="true">
            {region}
          </span>
          <span class="place-name">{name}</span>
          <span class="note">{words}</span>
        </ChoiceButton>
        <button
          type="button"
          class="star"
          data-mark={region}
          aria-pressed={isMarked}
          aria-label={t('exits_mark', { region: name })}
          title={t('exits_mark', { region: name })}
          onClick={() => on.onMark(region, !isMarked)}
        >
          <span aria-hidden="true">{isMarked ? '★' : '☆'}</span>
        </button>
      </div>
      {exits === 0 ? null : <Operators key={place.found === undefined ? 'all' : 'found'} {...{ place, ...on }} />}
    </li>
  );
}

/** Drawn when they are opened: of a hundred countries nobody opens all. */
function Operators({ place, ...on }: { place: FoundPlace } & Choosing): JSX.Element {
  const [isOpen, setOpen] = useState(place.found !== undefined);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('exits_operators', { region: place.name })}</summary>
      {isOpen ? <OperatorList {...{ place, ...on }} /> : null}
    </details>
  );
}

function OperatorList({ place, ...on }: { place: FoundPlace } & Choosing): JSX.Element {
  const shown: ExitPlace['operators'] = place.found ?? place.operators;
  return (
    <ul class="operators">
      {shown.map(({ name, relays }) => (
        <li key={name}>
          <ChoiceButton {...on} of={{ kind: 'operator', region: place.region, operator: name }}>
            <span class="place-name">
              <bdi>{name}</bdi>
            </span>
            <span class="note">{t('exits_of_operator', { exits: relays })}</span>
          </ChoiceButton>
        </li>
      ))}
      {place.moreOperators > 0 && place.found === undefined ? (
        <li class="note">{t('exits_more_operators', { operators: place.moreOperators })}</li>
      ) : null}
    </ul>
  );
}

export type ChoiceButtonProps = Pick<Choosing, 'choice' | 'onChoose'> & {
  of: ExitChoice;
  isOff?: boolean;
  children: JSX.Element | JSX.Element[];
};

export function ChoiceButton({ of, choice, isOff, onChoose, children }: ChoiceButtonProps): JSX.Element {
  const label = of.kind === 'region' ? of.region : of.kind === 'operator' ? `${of.region} ${of.operator}` : of.kind;
  return (
    <button
      type="button"
      class="choice"
      data-choice={label}
      aria-current={isSameChoice(of, choice)}
      disabled={isOff === true}
      onClick={() => onChoose(of)}
    >
      {children}
    </button>
  );
}
