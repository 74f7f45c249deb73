import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { BroadcastInfo } from '../channel/broadcast-info.ts';
import { changeBroadcast, deleteBroadcast } from '../channel/broadcasts-api.ts';
import '../styles/edit.css';
import { editText } from '../text/edit-text.ts';
import { dateAndTime } from '../ui/words.ts';
import { EditFields } from './edit-fields.tsx';
import { type EditForm, type FormFault, changeOf, formOf } from './form-change.ts';

type Fault = FormFault | 'forbidden' | 'not-found' | 'unreachable';

/** The dialog that changes or deletes a broadcast. It has the focus while it is open. */
export function EditDialog(props: {
  readonly broadcast: BroadcastInfo;
  readonly token: string | null;
  /** Position of the player, UTC milliseconds; null without one. */
  readonly playheadMs: number | null;
  readonly onChanged: (broadcast: BroadcastInfo) => void;
  readonly onDeleted: (broadcast: BroadcastInfo) => void;
  readonly onClose: () => void;
}): JSX.Element {
  const { broadcast, token } = props;
  const dialog = useRef<HTMLDialogElement>(null);
  const form = useSignal<EditForm>(formOf(broadcast));
  const fault = useSignal<Fault | null>(null);
  const isBusy = useSignal(false);
  const isDeleting = useSignal(false);

  useEffect(() => dialog.current?.showModal(), []);

  const close = () => dialog.current?.close();
  const save = async () => {
    const change = changeOf(broadcast, form.value);
    if (typeof change === 'string') {
      fault.value = change;
      return;
    }
    if (Object.keys(change).length === 0) {
      close();
      return;
    }
    isBusy.value = true;
    const answer = await changeBroadcast(broadcast, change, token);
    isBusy.value = false;
    if (answer.kind === 'ok') {
      props.onChanged(answer.value);
      close();
    } else fault.value = answer.kind;
  };
  const remove = async () => {
    isBusy.value = true;
    const answer = await deleteBroadcast(broadcast, token);
    isBusy.value = false;
    // Someone else has deleted it already.
    if (answer.kind === 'ok' || answer.kind === 'not-found') {
      close();
      props.onDeleted(broadcast);
    } else fault.value = answer.kind;
  };

  return (
    <dialog ref={dialog} class="edit" aria-labelledby="edit-title" onClose={props.onClose}>
      {isDeleting.value ? (
        <div class="edit-body">
          <h2 id="edit-title">{editText('edit.deleteTitle')}</h2>
          <p>
            {editText('edit.deleteText', { title: broadcast.title, date: dateAndTime(broadcast.startMs) })}
          </p>
          <Said fault={fault.value} />
          <div class="edit-deeds">
            <button type="button" class="danger" aria-disabled={isBusy.value} onClick={() => void remove()}>
              {editText(isBusy.value ? 'edit.deleting' : 'edit.deleteYes')}
            </button>
            <span class="spacer" />
            <FirstButton label={editText('edit.deleteNo')} onClick={close} />
          </div>
        </div>
      ) : (
        <form
          class="edit-body"
          method="dialog"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            if (!isBusy.value) void save();
          }}
        >
          <h2 id="edit-title">{editText('edit.title')}</h2>
          <EditFields
            broadcast={broadcast}
            form={form.value}
            fault={fault.value}
            playheadMs={props.playheadMs}
            onChange={(change) => {
              fault.value = null;
              form.value = { ...form.value, ...change };
            }}
          />
          <Said fault={fault.value} />
          <div class="edit-deeds">
            {broadcast.endMs !== null && (
              <button
                type="button"
                class="danger-quiet"
                onClick={() => {
                  fault.value = null;
                  isDeleting.value = true;
                }}
              >
                {editText('edit.delete')}
              </button>
            )}
            <span class="spacer" />
            <button type="button" class="deed" onClick={close}>
              {editText('edit.cancel')}
            </button>
            <button type="submit" class="deed deed-first" aria-disabled={isBusy.value}>
              {editText(isBusy.value ? 'edit.saving' : 'edit.save')}
            </button>
          </div>
        </form>
      )}
    </dialog>
  );
}

/** The error. The element exists before there is one, so that screen readers announce it. */
function Said({ fault }: { readonly fault: Fault | null }): JSX.Element {
  return (
    <p class="edit-fault" role="alert">
      {fault !== null && editText(`fault.${fault}`)}
    </p>
  );
}

/** The button that has the focus at first: the harmless one. */
function FirstButton(props: { readonly label: string; readonly onClick: () => void }): JSX.Element {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => button.current?.focus(), []);
  return (
    <button ref={button} type="button" class="deed" onClick={props.onClick}>
      {props.label}
    </button>
  );
}
