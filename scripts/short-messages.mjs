/**
 * What errors say in builds for production in browsers, where each byte has its way to go: what failed, which one and
 * why. Two things are told in development only:
 *
 * - what to do about it: messages read "what failed: which one, why; what to do", and end at the semicolon;
 * - what exactly a broker did wrong. The reason code tells a malformed packet from what must not be said.
 */
import ts from 'typescript';

const ADVICE = /; (?=\w|\$\{|[`'"]$)/;
/** Who writes the errors of the protocol. */
const PROTOCOL = /^(?:ProtocolError|malformed|violation)$/;

/** The text of a module with short messages. */
export function withShortMessages(text) {
  const file = ts.createSourceFile('module.ts', text, ts.ScriptTarget.Latest, true);
  const edits = [];
  visit(file, (node) => {
    const fault = faultOf(node);
    if (fault !== undefined && adviceIn(fault, file) === undefined) {
      edits.push([fault.getStart(file), fault.end, "'Protocol error'"]);
      return false;
    }
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

/** The message of an error of the protocol, where the node makes one. */
function faultOf(node) {
  const makes = ts.isCallExpression(node) || ts.isNewExpression(node);
  if (!makes || !ts.isIdentifier(node.expression) || !PROTOCOL.test(node.expression.text)) return undefined;
  return node.arguments[0];
}

/** A text, or several that are joined by `+`. */
function isMessage(node) {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) || isJoined(node);
}

function isJoined(node) {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken && isMessage(node.left);
}

/** Where the advice of a message begins. */
function adviceIn(node, file) {
  return ADVICE.exec(file.text.slice(node.getStart(file), node.end))?.index;
}

/** What has to go from a message: from the semicolon to its end. */
function cut(node, file) {
  if (isJoined(node)) {
    const left = cut(node.left, file);
    if (left.length > 0) return [...left, [node.left.end, node.end, '']];
    return isMessage(node.right) ? cut(node.right, file) : [];
  }
  const at = adviceIn(node, file);
  return at === undefined ? [] : [[node.getStart(file) + at, node.end - 1, '']];
}
