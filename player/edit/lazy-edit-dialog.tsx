import { useSignal } from '@preact/signals';
import type { ComponentProps, ComponentType, JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { EditDialog } from './edit-dialog.tsx';

type Props = ComponentProps<typeof EditDialog>;

/** The edit dialog, loaded when it is opened: hardly any viewer may change recordings. */
export function LazyEditDialog(props: Props): JSX.Element | null {
  const loaded = useSignal<{ readonly Dialog: ComponentType<Props> } | null>(null);
  useEffect(() => {
    import('./edit-dialog.tsx').then(
      ({ EditDialog }) => {
        loaded.value = { Dialog: EditDialog };
      },
      // Loading failed: the next press tries again.
      () => props.onClose(),
    );
  }, []);
  return loaded.value === null ? null : <loaded.value.Dialog {...props} />;
}
