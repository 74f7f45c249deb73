import type { JSX } from 'preact';
import type { PartFault } from '../net/load-part.ts';
import { t } from '../text/language.ts';

/** Says that a part of the page could not be loaded, and what helps. */
export function PartNote(props: {
  readonly fault: PartFault;
  /** For a note over the page; left out for one over the picture. */
  readonly onClose?: () => void;
}): JSX.Element {
  const { fault, onClose } = props;
  return (
    <p class={onClose === undefined ? 'stage-note' : 'page-note'} role="alert">
      {t(`part.${fault}`)}
      {fault === 'outdated' && (
        <button type="button" onClick={() => location.reload()}>
          {t('part.reload')}
        </button>
      )}
      {onClose !== undefined && (
        <button type="button" onClick={onClose}>
          {t('control.close')}
        </button>
      )}
    </p>
  );
}
