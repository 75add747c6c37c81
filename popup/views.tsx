// The popup's views: each draws a part of the view-model and reports what was clicked.

import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { TrafficLine, type TrafficLineProps } from './home/traffic-line.tsx';
import { t } from '../src/text/translate.ts';
import { ChangeExit, ChosenExit } from './home/change-exit.tsx';
import { CircuitPicture } from './home/circuit-picture.tsx';
import { AllSettings } from './home/all-settings.tsx';
import { SiteHelp } from './home/site-help.tsx';
import { SiteLine, type SiteLineProps } from './home/site-line.tsx';
import { hashOf } from './route.ts';
import type { RivalsModel, ViewModel, WindowsModel } from './view-model.ts';
import { WalletLine, WaitingWord } from './wallet-line.tsx';
import type { WalletLineModel } from './wallet-line-model.ts';

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

export function Popup({ model, wallet, traffic, onToggle, onTryAgain, ...on }: PopupProps): JSX.Element {
  return (
    <article class={`card ${model.tone}`} data-tone={model.tone}>
      {wallet.waits === undefined ? null : <WaitingWord {...wallet.waits} />}
      <Switch {...model.toggle} onToggle={onToggle} />
      <section aria-live="polite">
        <h1>{model.headline}</h1>
        <p>{model.sentence}</p>
        {model.advice === undefined ? null : <p class="advice">{model.advice}</p>}
        {model.canTryAgain ? (
          <button type="button" class="again" onClick={onTryAgain}>
            {t('home_try_again')}
          </button>
        ) : null}
        {model.canFindOutWho ? (
          <>
            <button type="button" class="again who" onClick={on.onFindOutWho}>
              {t('home_find_out')}
            </button>
            <p class="note">{t('home_find_out_note')}</p>
          </>
        ) : null}
        {model.rivals === undefined ? null : <Rivals {...model.rivals} {...on} />}
      </section>
      {model.hops.length > 0 ? <CircuitPicture hops={model.hops} /> : null}
      {model.chosenExit === undefined ? null : <ChosenExit words={model.chosenExit} />}
      {model.help === undefined ? null : <SiteHelp {...model.help} {...{ onToggle }} {...on} />}
      {model.canChangeCircuit ? (
        <section class="change">
          <button type="button" class="again" data-action="another-exit" onClick={on.onAnotherExit}>
            {t('home_another_exit')}
          </button>
          <button type="button" class="again" data-action="new-identity" onClick={on.onNewIdentity}>
            {t('home_new_identity')}
          </button>
          <ChangeExit />
          <p class="note">{model.changeNote}</p>
        </section>
      ) : null}
      {model.warning === undefined ? null : (
        <p class="note" data-warning>
          {model.warning}
        </p>
      )}
      {model.scope === '' ? null : <p class="scope">{model.scope}</p>}
      {model.tolerated === undefined ? null : <Tolerated {...model.tolerated} onTolerate={on.onTolerate} />}
      <TrafficLine {...traffic} />
      <SiteLine rule={model.siteRule} onSetRule={on.onSetRule} />
      <WalletLine money={wallet.money} />
      <p class="more">
        <a href="/pages/check/index.html" target="_blank" rel="noreferrer">
          {t('home_check')}
        </a>
        <a href={hashOf('relays')}>{t('home_relays')}</a>
        {model.canChangeCircuit ? null : <ChangeExit />}
        <a href="/pages/help/index.html" target="_blank" rel="noreferrer">
          {t('home_help_pages')}
        </a>
        <AllSettings />
      </p>
      {model.offersContainers ? (
        <button type="button" class="again container" onClick={on.onOpenContainer}>
          {t('home_new_container')}
        </button>
      ) : null}
      {model.windows === undefined ? null : <Windows model={model.windows} {...on} />}
    </article>
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
      <button type="button" class="again" data-action="turn-off" onClick={() => onTurnOff(ids)}>
        {t('home_turn_off', { names })}
      </button>
      <button type="button" class="again" data-action="tolerate" onClick={() => onTolerate(ids, true)}>
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
