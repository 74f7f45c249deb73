import type { ComponentChildren, JSX } from 'preact';
import { lobbyUrl } from '../channel/links.ts';
import type { Rights } from '../rights/rights.ts';
import { t } from '../text/language.ts';
import { Icon, type IconName, Logo } from './icons.tsx';
import { SkipLink } from './skip-link.tsx';
import { Switches } from './switches.tsx';
import { Who } from './who.tsx';

/** The bar on top of a page: the way to the lobby, links of the page's own, and the switches of language and colours. */
export function PageBar(props: {
  readonly rights: Rights;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <>
      <SkipLink />
      <header class="bar bar-tight">
        <a class="brand" href={lobbyUrl(props.rights.link)}>
          <Logo />
          <span>{t('app.name')}</span>
        </a>
        {props.children}
        <Who rights={props.rights} />
        <Switches />
      </header>
    </>
  );
}

/** The link of a {@link PageBar} to the page above. */
export function BarLink(props: {
  readonly href: string;
  readonly icon: IconName;
  readonly children: ComponentChildren;
}): JSX.Element {
  return (
    <a class="back" href={props.href}>
      <Icon name={props.icon} />
      {props.children}
    </a>
  );
}
