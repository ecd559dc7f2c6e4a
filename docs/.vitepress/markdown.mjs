import { siteLink } from './links.mjs';

/** Links that leave docs/ lead to their pages of the site, or become plain text. */
function repositoryLinks({ env, tokens }) {
  for (const { children } of tokens) {
    let dropped = false;
    for (const token of children ?? []) {
      if (token.type === 'link_open') {
        const link = siteLink(`docs/${env.relativePath}`, token.attrGet('href'));
        dropped = link === undefined;
        if (!dropped && link.startsWith('/')) token.attrSet('href', link);
      }
      if (dropped && token.type.startsWith('link_')) {
        dropped = token.type === 'link_open';
        Object.assign(token, { type: 'text', tag: '', nesting: 0, content: '' });
      }
    }
  }
}

/** An empty cell at the head of a table heads nothing: screen readers would announce a column without a name. */
function emptyHeads({ tokens }) {
  tokens.forEach((token, at) => {
    if (token.type !== 'th_open' || tokens[at + 1].content !== '') return;
    for (const cell of [token, tokens[at + 2]]) cell.tag = 'td';
  });
}

/** Indented code is shown as fenced code is, which scrolls by itself. */
function indentedCode({ tokens }) {
  for (const token of tokens) if (token.type === 'code_block') Object.assign(token, { type: 'fence', info: 'text' });
}

/** A plugin of markdown-it: what pages of a repository have, as the site shows it. */
export function repositoryMarkdown(md) {
  for (const rule of [repositoryLinks, emptyHeads, indentedCode]) md.core.ruler.push(rule.name, rule);
}
