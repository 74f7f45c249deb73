import type { JSX } from 'preact';
import { leave } from '../rights/leave.ts';
import type { Rights } from '../rights/rights.ts';
import { t } from '../text/language.ts';
import { Icon } from './icons.tsx';

/** Who this tab is, and the way to be nobody again: the next person may sit at the same computer. Nothing without a link of one's own. */
export function Who({ rights }: { readonly rights: Rights }): JSX.Element | null {
  if (rights.own === null) return null;
  const { name } = rights.claims;
  const label = name === '' ? t('who.leave') : `${name}: ${t('who.leave')}`;
  return (
    <button type="button" class="quiet with-text who" aria-label={label} title={label} onClick={leave}>
      <Icon name="leave" />
      <span>{name === '' ? t('who.leave') : name}</span>
    </button>
  );
}
