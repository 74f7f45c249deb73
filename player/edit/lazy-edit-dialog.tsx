import { useSignal } from '@preact/signals';
import type { ComponentProps, ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { loadPart, type PartFault } from '../net/load-part.ts';
import { PartNote } from '../ui/part-note.tsx';
import type { EditDialog } from './edit-dialog.tsx';

type Props = ComponentProps<typeof EditDialog>;

/** The edit dialog, loaded when it is opened: hardly any viewer may change recordings. */
export function LazyEditDialog(props: Props): JSX.Element | null {
  const fault = useSignal<PartFault | null>(null);
  const loaded = useSignal<{ readonly Dialog: ComponentType<Props> } | null>(null);
  useEffect(() => {
    void loadPart(() => import('./edit-dialog.tsx')).then((found) => {
      if (found.kind === 'loaded') loaded.value = { Dialog: found.part.EditDialog };
      else fault.value = found.fault;
    });
  }, []);
  if (fault.value !== null) return <PartNote fault={fault.value} onClose={props.onClose} />;
  return loaded.value === null ? null : <loaded.value.Dialog {...props} />;
}
