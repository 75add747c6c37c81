// Every component of the design system (docs/design-system.md) on one page, in each of its kinds. Its words are nobody's but the gallery's.

import type { ComponentChildren, JSX } from 'preact';
import { Choice, Meter, Notice, Row, SettingSwitch, Tag } from '../../../src/looks/parts.tsx';

const nothing = (): void => undefined;

export function Components(): JSX.Element {
  return (
    <>
      <h1>Components</h1>
      <Part name="Button">
        <div class="buttons">
          <button type="button" class="main">
            Main
          </button>
          <button type="button">Quiet</button>
          <button type="button" class="danger">
            Danger
          </button>
          <button type="button" class="main" disabled>
            Waits
          </button>
        </div>
      </Part>
      <Part name="Switch">
        <div>
          <SettingSwitch id="one" label="Something that is on" on onToggle={nothing} />
          <SettingSwitch id="two" label="Something that is off" on={false} onToggle={nothing} />
        </div>
      </Part>
      <Part name="Field">
        <Field id="empty" label="Amount" note="In USDC." />
        <Field id="wrong" label="Amount that is wrong" note="This is no amount." wrong />
      </Part>
      <Part name="Notice">
        <Notice kind="info">Something to know.</Notice>
        <Notice kind="good">It worked.</Notice>
        <Notice kind="warn">Something to mind.</Notice>
        <Notice kind="error">Something to mend.</Notice>
      </Part>
      <Part name="Choice">
        <Choice
          {...{ name: 'theme', legend: 'Appearance', chosen: 'dark', onChoose: nothing }}
          options={[
            { value: 'system', label: 'System' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </Part>
      <Part name="Rows">
        <ul class="rows">
          <Row name="news.example" value="1.2 GB" action={<button type="button">Forget</button>} />
          <Row name="shop.example" value="24 MB" action={<button type="button">Forget</button>} />
        </ul>
      </Part>
      <Part name="Meter">
        <Meter label="Free today" words="120 of 200 MB" share={0.6} />
      </Part>
      <Part name="Disclosure">
        <details>
          <summary>Closed</summary>
        </details>
        <details open>
          <summary>Open</summary>
          <p class="note">A note: smaller and softer than text.</p>
        </details>
      </Part>
      <Part name="Tag">
        <div class="buttons">
          <Tag>plain</Tag>
          <Tag kind="good">free</Tag>
          <Tag kind="warn">slow</Tag>
          <Tag kind="error">gone</Tag>
        </div>
      </Part>
      <Part name="Card, link and spinner">
        <p>
          What you look at is a card. This is <a href="#here">a link</a>.
        </p>
        <div class="spinner" aria-hidden="true" />
      </Part>
    </>
  );
}

function Part({ name, children }: { name: string; children: ComponentChildren }): JSX.Element {
  return (
    <section>
      <h2>{name}</h2>
      {children}
    </section>
  );
}

function Field({ id, label, note, wrong }: { id: string; label: string; note: string; wrong?: boolean }): JSX.Element {
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input id={id} type="text" aria-invalid={wrong === true} aria-describedby={`${id}-note`} />
      <span id={`${id}-note`} class={wrong === true ? 'note trouble' : 'note'}>
        {note}
      </span>
    </p>
  );
}
