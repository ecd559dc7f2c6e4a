/**
 * Error messages read "what failed: which one, why; what to do". Builds for production in browsers go without the part
 * behind the semicolon, for its weight: who can follow it reads it in development.
 */
import ts from 'typescript';

const ADVICE = /; (?=\w|\$\{|[`'"]$)/;

/** The text of a module without the advice of its messages. */
export function withoutAdvice(text) {
  const file = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  const edits = [];
  visit(file, (node) => {
    if (isMessage(node)) edits.push(...cut(node, file));
    return !isMessage(node);
  });
  let result = text;
  for (const [from, to, replacement] of edits.sort(([a], [b]) => b - a)) {
    result = result.slice(0, from) + replacement + result.slice(to);
  }
  return result;
}

function visit(node, look) {
  if (look(node)) ts.forEachChild(node, (child) => visit(child, look));
}

/** A text, or several that are joined by `+`. */
function isMessage(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isJoined(node);
}

function isJoined(node) {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken && isMessage(node.left);
}

/** What has to go from a message: from the semicolon to its end. */
function cut(node, file) {
  if (isJoined(node)) {
    const left = cut(node.left, file);
    if (left.length > 0) return [...left, [node.left.end, node.end, '']];
    return isMessage(node.right) ? cut(node.right, file) : [];
  }
  const start = node.getStart(file);
  const at = ADVICE.exec(file.text.slice(start, node.end))?.index;
  if (at === undefined) return [];
  return [[start + at, node.end - 1, '']];
}
