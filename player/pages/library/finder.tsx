import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useId, useLayoutEffect, useRef } from 'preact/hooks';
import { fetchChannel } from '../../channel/api.ts';
import { libraryText } from '../../text/library-text.ts';
import { Icon } from '../../ui/icons.tsx';
import { isComposing } from '../../ui/single-keys.ts';
import { gradeName } from '../../ui/words.ts';
import { query, setQuery } from './address.ts';
import type { Library } from './library.ts';
import { EVERYTHING, type LibraryQuery, isNarrowed, withChosen } from './library-query.ts';

/** Typing counts as finished after this pause, in milliseconds. */
const TYPED_AFTER_MS = 250;

/** The search field and the filters. */
export function Finder(props: { readonly library: Library; readonly token: string | null }): JSX.Element {
  const { facets } = props.library;
  const wanted = query.value;
  const choose = (change: Partial<LibraryQuery>) => setQuery({ ...query.value, ...change });
  return (
    <div class="finder" role="search">
      <Words />
      <div class="filters" role="group" aria-label={libraryText('library.filters')}>
        <Choice
          label={libraryText('library.grade')}
          choices={withChosen(facets.value.grades, wanted.grade).map((grade) => [
            String(grade),
            gradeName(grade),
          ])}
          chosen={wanted.grade === null ? '' : String(wanted.grade)}
          onChoose={(value) => choose({ grade: value === '' ? null : Number(value) })}
        />
        <Choice
          label={libraryText('library.subject')}
          choices={withChosen(facets.value.subjects, wanted.subject).map((text) => [text, text])}
          chosen={wanted.subject ?? ''}
          onChoose={(value) => choose({ subject: value === '' ? null : value })}
        />
        <Choice
          label={libraryText('library.teacher')}
          choices={withChosen(facets.value.teachers, wanted.teacher).map((text) => [text, text])}
          chosen={wanted.teacher ?? ''}
          onChoose={(value) => choose({ teacher: value === '' ? null : value })}
        />
        <Day
          label={libraryText('library.from')}
          day={wanted.from}
          last={wanted.to}
          onChoose={(from) => choose({ from })}
        />
        <Day
          label={libraryText('library.to')}
          day={wanted.to}
          first={wanted.from}
          onChoose={(to) => choose({ to })}
        />
        {isNarrowed(wanted) && (
          <button type="button" class="quiet with-text" onClick={() => setQuery(EVERYTHING)}>
            <Icon name="close" />
            <span>{libraryText('library.clear')}</span>
          </button>
        )}
      </div>
      {wanted.channel !== null && (
        <OneChannel id={wanted.channel} token={props.token} onClear={() => choose({ channel: null })} />
      )}
    </div>
  );
}

function Words(): JSX.Element {
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const input = useRef<HTMLInputElement>(null);
  const isTyping = useRef(false);
  const { words } = query.value;
  useLayoutEffect(() => {
    // Changed by Back or Clear. What was typed is left as it is: the query has no space at its end, the field may.
    if (isTyping.current || input.current === null || input.current.value.trim() === words) return;
    input.current.value = words;
  }, [words]);
  const takeSoon = (value: string) => {
    isTyping.current = true;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => take(value), TYPED_AFTER_MS);
  };
  const take = (value: string) => {
    clearTimeout(timer.current);
    timer.current = undefined;
    isTyping.current = false;
    // The first letter makes a step of the history, so that Back leaves the search.
    if (value.trim() !== query.value.words) {
      setQuery({ ...query.value, words: value.trim() }, query.value.words === '');
    }
  };
  return (
    <label class="search">
      <Icon name="search" />
      <span class="hidden">{libraryText('library.search')}</span>
      <input
        ref={input}
        type="search"
        autocomplete="off"
        maxLength={200}
        placeholder={libraryText('library.search')}
        defaultValue={words}
        onInput={(event) => {
          // An input method shows letters that become a word later.
          if (event.isComposing) clearTimeout(timer.current);
          else takeSoon(event.currentTarget.value);
        }}
        onCompositionEnd={(event) => takeSoon(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && !isComposing(event)) take(event.currentTarget.value);
        }}
      />
    </label>
  );
}

function Choice(props: {
  readonly label: string;
  readonly choices: readonly (readonly [value: string, text: string])[];
  readonly chosen: string;
  readonly onChoose: (value: string) => void;
}): JSX.Element | null {
  const id = useId();
  if (props.choices.length === 0) return null;
  return (
    <div class={`choice${props.chosen === '' ? '' : ' choice-made'}`}>
      <label for={id}>{props.label}</label>
      <select id={id} value={props.chosen} onChange={(event) => props.onChoose(event.currentTarget.value)}>
        <option value="">{libraryText('library.any')}</option>
        {props.choices.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}

function Day(props: {
  readonly label: string;
  readonly day: string | null;
  readonly first?: string | null;
  readonly last?: string | null;
  readonly onChoose: (day: string | null) => void;
}): JSX.Element {
  return (
    <label class={`choice${props.day === null ? '' : ' choice-made'}`}>
      <span>{props.label}</span>
      <input
        type="date"
        value={props.day ?? ''}
        min={props.first ?? undefined}
        max={props.last ?? undefined}
        onChange={(event) => props.onChoose(event.currentTarget.value || null)}
      />
    </label>
  );
}

function OneChannel(props: {
  readonly id: string;
  readonly token: string | null;
  readonly onClear: () => void;
}): JSX.Element {
  const title = useSignal(props.id);
  useEffect(() => {
    let isShown = true;
    title.value = props.id;
    void fetchChannel(props.id, props.token).then((answer) => {
      if (isShown && answer.kind === 'ok') title.value = answer.value.title;
    });
    return () => {
      isShown = false;
    };
  }, [props.id]);
  return (
    <button type="button" class="chip chip-clear" aria-pressed="true" onClick={props.onClear}>
      {libraryText('library.only', { title: title.value })}
      <Icon name="close" />
      <span class="hidden">{libraryText('library.clear')}</span>
    </button>
  );
}
