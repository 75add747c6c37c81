// The popup's views: each draws a part of the view-model and reports what was clicked.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { MessageKey } from '../src/core/text/text.ts';
import { TrafficLine, type TrafficLineProps } from './home/traffic-line.tsx';
import { t } from '../src/text/translate.ts';
import { ChangeExit, ChosenExit } from './home/change-exit.tsx';
import { CircuitPicture } from './home/circuit-picture.tsx';
import { AllSettings } from './home/all-settings.tsx';
import { SiteHelp } from './home/site-help.tsx';
import { SiteLine, type SiteLineProps } from './home/site-line.tsx';
import { longest, Room } from './home/room.tsx';
import { hashOf } from './route.ts';
import type { RivalsModel, ViewModel, WindowsModel } from './view-model.ts';
import { WalletLine, WaitingWord } from './wallet-line.tsx';
import type { WalletLineModel } from './wallet-line-model.ts';

/** Of every tab that is fine, and of one on its way there. */
const USUAL_SENTENCES: readonly MessageKey[] = ['status_off_means', 'status_connecting_means', 'status_private_means'];

/** Of what happens to a network now and then. Rarer trouble may have more to say. */
const USUAL_ADVICE: readonly MessageKey[] = [
  'status_offline_advice',
  'status_entry_unreachable_advice',
  'status_check_unreachable_advice',
];

export type PopupProps = {
  model: ViewModel;
  wallet: WalletLineModel;
  traffic: TrafficLineProps;
  onToggle: () => void;
  onTryAgain: () => void;
  onAnotherExit: () => void;
  onNewIdentity: () => void;
  onFindOutWho: () => void;
  onOpenContainer: () => void;
  onTurnOff: (ids: string[]) => void;
  onTolerate: (ids: string[], wanted: boolean) => void;
  onSetRule: SiteLineProps['onSetRule'];
} & Omit<WindowsProps, 'model'>;

/**
 * All that changes with the state of the tab stands in three places whose room is there before it is filled: what it is, the way, and what can be done about it.
 * So nothing moves when a tab goes private, or when the worker's first answer comes. What only some have stands last.
 */
export function Popup({ model, wallet, traffic, onToggle, ...on }: PopupProps): JSX.Element {
  return (
    <article class={`card ${model.tone}`} data-tone={model.tone}>
      <Switch {...model.toggle} onToggle={onToggle} />
      <section aria-live="polite">
        <h1>{model.headline}</h1>
        <Room class="sentence" words={model.sentence} usual={USUAL_SENTENCES.map((key) => t(key))} />
      </section>
      <CircuitPicture hops={model.hops} isInUse={model.toggle.on} />
      {model.help === undefined || model.advice !== undefined || wallet.waits !== undefined ? (
        <Actions {...{ model, wallet }} {...on} />
      ) : (
        <SiteHelp {...model.help} {...{ onToggle }} {...on} />
      )}
      <Room class="scope" words={model.scope} usual={[model.usualScope]} />
      <TrafficLine {...traffic} />
      <WalletLine money={wallet.money} />
      <p class="more">
        <a href="/pages/check/index.html" target="_blank" rel="noreferrer">
          {t('home_check')}
        </a>
        <a href={hashOf('relays')}>{t('home_relays')}</a>
        <a href="/pages/help/index.html" target="_blank" rel="noreferrer">
          {t('home_help_pages')}
        </a>
        <AllSettings />
      </p>
      <SiteLine rule={model.siteRule} onSetRule={on.onSetRule} />
      {model.warning === undefined ? null : (
        <p class="note" data-warning>
          {model.warning}
        </p>
      )}
      {model.tolerated === undefined ? null : <Tolerated {...model.tolerated} onTolerate={on.onTolerate} />}
      {model.offersContainers ? (
        <button type="button" class="again container" onClick={on.onOpenContainer}>
          {t('home_new_container')}
        </button>
      ) : null}
      {model.windows === undefined ? null : <Windows model={model.windows} {...on} />}
    </article>
  );
}

type ActionsProps = Omit<PopupProps, 'traffic' | 'onToggle'>;

/** What can be done, with the words for it above. Two buttons are there in each state, so that they need no room of their own later. */
function Actions({ model, wallet, onTryAgain, ...on }: ActionsProps): JSX.Element {
  const disabled = !model.canChangeCircuit;
  return (
    <section class="change">
      <div
        class="said room"
        data-room={longest(USUAL_ADVICE.map((key) => t(key)))}
        data-room-beside={longest(changeNotes())}
        aria-live="polite"
      >
        <div>
          <Said {...{ model, wallet }} />
        </div>
      </div>
      {model.canTryAgain ? (
        <button type="button" class="again room" data-room={t('home_another_exit')} onClick={onTryAgain}>
          <span>{t('home_try_again')}</span>
        </button>
      ) : (
        <button
          type="button"
          class="again room"
          data-room={t('home_try_again')}
          data-action="another-exit"
          disabled={disabled}
          onClick={on.onAnotherExit}
        >
          <span>{t('home_another_exit')}</span>
        </button>
      )}
      <button type="button" class="again" data-action="new-identity" {...{ disabled }} onClick={on.onNewIdentity}>
        {t('home_new_identity')}
      </button>
      {model.canFindOutWho ? (
        <>
          <button type="button" class="again who" onClick={on.onFindOutWho}>
            {t('home_find_out')}
          </button>
          <p class="note">{t('home_find_out_note')}</p>
        </>
      ) : null}
      {model.rivals === undefined ? null : <Rivals {...model.rivals} {...on} />}
      <ChangeExit />
    </section>
  );
}

const changeNotes = (): string[] => [t('home_change_site'), t('home_change_all')];

/** What matters most now: what is wrong, what waits for the person's word, which exit was chosen, or else what the buttons are for. */
function Said({ model, wallet }: Pick<PopupProps, 'model' | 'wallet'>): JSX.Element {
  const { advice, chosenExit, changeNote } = model;
  if (advice === undefined && wallet.waits === undefined)
    return chosenExit === undefined ? <p class="note">{changeNote}</p> : <ChosenExit words={chosenExit} />;
  return (
    <>
      {wallet.waits === undefined ? null : <WaitingWord {...wallet.waits} />}
      {advice === undefined ? null : <p class="advice">{advice}</p>}
    </>
  );
}

type SwitchProps = ViewModel['toggle'] & { onToggle: () => void };

/** A button: Enter and Space work by themselves. It takes the focus, so that opening the popup and pressing Space is enough. */
function Switch({ on, enabled, label, onToggle }: SwitchProps): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  // Again when it becomes usable: a disabled button cannot hold the focus.
  useEffect(() => button.current?.focus(), [enabled]);
  return (
    <button
      ref={button}
      type="button"
      role="switch"
      class="switch"
      aria-checked={on}
      aria-label={label}
      title={label}
      disabled={!enabled}
      onClick={onToggle}
    >
      <span class="knob" />
    </button>
  );
}

type RivalsProps = RivalsModel & Pick<PopupProps, 'onTurnOff' | 'onTolerate'>;

function Rivals({ ids, names, onTurnOff, onTolerate }: RivalsProps): JSX.Element {
  return (
    <>
      <button type="button" class="again wide" data-action="turn-off" onClick={() => onTurnOff(ids)}>
        {t('home_turn_off', { names })}
      </button>
      <button type="button" class="again wide" data-action="tolerate" onClick={() => onTolerate(ids, true)}>
        {t('home_tolerate')}
      </button>
    </>
  );
}

/** What the person once agreed to stays in view, with the way back. */
function Tolerated({ ids, names, onTolerate }: Omit<RivalsProps, 'onTurnOff'>): JSX.Element {
  return (
    <section class="change">
      <p class="note">{t('home_tolerated', { names })}</p>
      <button type="button" class="again" data-action="no-longer" onClick={() => onTolerate(ids, false)}>
        {t('home_no_longer')}
      </button>
    </section>
  );
}

export type WindowsProps = { model: WindowsModel; onSetWindows: (wanted: boolean) => void; onOpenSettings: () => void };

/** The strong mode of private windows: a switch, or the way to where the browser allows it. */
export function Windows({ model, onSetWindows, onOpenSettings }: WindowsProps): JSX.Element {
  return (
    <section class="windows">
      {model.needs === 'nothing' ? (
        <label>
          <input type="checkbox" checked={model.on} onChange={() => onSetWindows(!model.on)} />
          {model.label}
        </label>
      ) : (
        <p>{model.label}</p>
      )}
      <p class="note">{model.words}</p>
      {model.needs === 'settings' ? (
        <button type="button" class="again settings" onClick={onOpenSettings}>
          {t('home_windows_settings')}
        </button>
      ) : null}
    </section>
  );
}
