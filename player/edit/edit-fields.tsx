import type { JSX } from 'preact';
import { useId } from 'preact/hooks';
import type { BroadcastInfo } from '../channel/broadcast-info.ts';
import { GRADES } from '../channel/checked.ts';
import { clockTime } from '../timeshift/seek-bar.ts';
import { editText } from '../text/edit-text.ts';
import { gradeName } from '../ui/words.ts';
import type { EditForm } from './form-change.ts';
import { offsetAt, wholeMs } from './trim.ts';

/** The fields of a broadcast that may be changed. */
export function EditFields(props: {
  readonly broadcast: BroadcastInfo;
  readonly form: EditForm;
  readonly fault: string | null;
  /** Position of the player, UTC milliseconds; null without one. */
  readonly playheadMs: number | null;
  readonly onChange: (change: Partial<EditForm>) => void;
}): JSX.Element {
  const { broadcast, form, fault, playheadMs, onChange } = props;
  const here = playheadMs === null ? null : clockTime(offsetAt(broadcast, playheadMs));
  return (
    <>
      <Text
        label={editText('edit.name')}
        value={form.title}
        most={200}
        isBad={fault === 'no-title'}
        onChange={(title) => onChange({ title })}
      />
      <div class="edit-row">
        <Text
          label={editText('edit.teacher')}
          value={form.teacher}
          most={100}
          onChange={(teacher) => onChange({ teacher })}
        />
        <Text
          label={editText('edit.subject')}
          value={form.subject}
          most={100}
          onChange={(subject) => onChange({ subject })}
        />
      </div>
      <label class="field">
        <span>{editText('edit.grade')}</span>
        <select value={form.grade} onChange={(event) => onChange({ grade: event.currentTarget.value })}>
          {broadcast.grade === null && <option value="">{editText('edit.noGrade')}</option>}
          {GRADES.map((grade) => (
            <option key={grade} value={String(grade)}>
              {gradeName(grade)}
            </option>
          ))}
        </select>
      </label>
      {broadcast.endMs !== null && (
        <fieldset class="edit-trim">
          <legend>{editText('edit.trim')}</legend>
          <div class="edit-row">
            <Time
              label={editText('edit.trimStart')}
              value={form.trimStart}
              placeholder={editText('edit.atStart')}
              isBad={fault === 'bad-start' || fault === 'nothing-left'}
              here={here}
              hereLabel={editText('edit.startHere')}
              onChange={(trimStart) => onChange({ trimStart })}
            />
            <Time
              label={editText('edit.trimEnd')}
              value={form.trimEnd}
              placeholder={editText('edit.atEnd')}
              isBad={fault === 'bad-end' || fault === 'nothing-left'}
              here={here}
              hereLabel={editText('edit.endHere')}
              onChange={(trimEnd) => onChange({ trimEnd })}
            />
          </div>
          <p class="edit-hint">{editText('edit.trimHint', { length: clockTime(wholeMs(broadcast)) })}</p>
        </fieldset>
      )}
      <label class="edit-keep">
        <input
          type="checkbox"
          checked={form.keep}
          onChange={(event) => onChange({ keep: event.currentTarget.checked })}
        />
        <span>
          {editText('edit.keep')}
          <small>{editText('edit.keepHint')}</small>
        </span>
      </label>
    </>
  );
}

function Text(props: {
  readonly label: string;
  readonly value: string;
  /** Characters. */
  readonly most: number;
  readonly isBad?: boolean;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        type="text"
        value={props.value}
        maxLength={props.most}
        aria-invalid={props.isBad === true}
        onInput={(event) => props.onChange(event.currentTarget.value)}
      />
    </label>
  );
}

function Time(props: {
  readonly label: string;
  readonly value: string;
  readonly placeholder: string;
  readonly isBad: boolean;
  /** Position of the player as text; null without one. */
  readonly here: string | null;
  readonly hereLabel: string;
  readonly onChange: (value: string) => void;
}): JSX.Element {
  const id = useId();
  const { here } = props;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      <div class="field-row">
        <input
          id={id}
          type="text"
          inputMode="text"
          autocomplete="off"
          value={props.value}
          placeholder={props.placeholder}
          maxLength={10}
          aria-invalid={props.isBad}
          onInput={(event) => props.onChange(event.currentTarget.value)}
        />
        {here !== null && (
          <button
            type="button"
            class="deed"
            aria-label={props.hereLabel}
            onClick={() => props.onChange(here)}
          >
            {editText('edit.here')}
          </button>
        )}
      </div>
    </div>
  );
}
