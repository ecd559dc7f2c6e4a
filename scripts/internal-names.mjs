/**
 * The names of properties that nobody outside of the browser bundle can see, so that the bundle may shorten them:
 * declared by a class or an interface of `src/`, and neither part of a type that the entry exports, nor a name of the
 * language, of the browser, of Node or of rxjs, nor written as a string anywhere.
 */
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** What a name ends with that is private to its class, wherever else the same word stands. */
const PRIVATE = '_private';

/**
 * Looks through all that the entry leads to, whose exports applications see.
 * @returns which names may be shortened, and the sources with private members told apart from others of the same name
 */
export function internals(entry) {
  const config = ts.getParsedCommandLineOfConfigFile(`${root}tsconfig.esm.json`, {}, ts.sys);
  const twins = config.fileNames.filter((name) => name.endsWith('.browser.ts'));
  const program = ts.createProgram([entry, ...twins], config.options);
  const checker = program.getTypeChecker();
  const declared = new Set();
  const foreign = new Set();
  const sources = new Map();
  for (const file of program.getSourceFiles()) {
    const isOurs = file.fileName.startsWith(`${root}src/`);
    if (isOurs && !file.isDeclarationFile) sources.set(file.fileName, withPrivates(file, checker));
    visit(file, (node) => {
      const name = propertyName(node);
      if (name !== undefined) (isOurs ? declared : foreign).add(name);
      if (isOurs && ts.isStringLiteralLike(node)) foreign.add(node.text);
      // The names of a module that is loaded later are properties to whoever loads it.
      if (node.kind === ts.SyntaxKind.ImportKeyword && ts.isCallExpression(node.parent)) {
        const loaded = checker.getSymbolAtLocation(node.parent.arguments[0]);
        for (const { name: exported } of checker.getExportsOfModule(loaded)) foreign.add(exported);
      }
    });
  }
  const open = publicNames(checker, checker.getSymbolAtLocation(program.getSourceFile(entry)));
  const names = [...declared].filter((name) => !foreign.has(name) && !open.has(name)).sort();
  const pattern = names.join('|').replace(/\$/g, '\\$');
  return { mayBeShort: new RegExp(`^(?:${pattern})$|${PRIVATE}$`), sources };
}

/** The text of a source with {@link PRIVATE} behind each name of a private member. */
function withPrivates(file, checker) {
  const symbols = new Set();
  visit(file, (node) => {
    if (propertyName(node) === undefined || !isHidden(node)) return;
    const own = ts.isParameter(node)
      ? checker.getSymbolsOfParameterPropertyDeclaration(node, node.name.text)
      : [checker.getSymbolAtLocation(node.name)];
    for (const symbol of own) symbols.add(symbol);
  });
  const edits = [];
  visit(file, (node) => {
    if (!ts.isIdentifier(node)) return;
    const { parent, text } = node;
    if (ts.isBindingElement(parent) && ts.isObjectBindingPattern(parent.parent)) {
      if ((parent.propertyName ?? parent.name) === node) {
        const taken = checker.getTypeAtLocation(parent.parent).getProperty(text);
        if (!symbols.has(taken)) return;
        edits.push([node, parent.propertyName === undefined ? `${text}${PRIVATE}: ${text}` : `${text}${PRIVATE}`]);
        return;
      }
    }
    if (ts.isShorthandPropertyAssignment(parent)) {
      const value = checker.getShorthandAssignmentValueSymbol(parent);
      if (symbols.has(value)) edits.push([node, `${text}: ${text}${PRIVATE}`]);
      return;
    }
    if (symbols.has(checker.getSymbolAtLocation(node))) edits.push([node, `${text}${PRIVATE}`]);
  });
  let result = file.text;
  for (const [node, replacement] of edits.reverse()) {
    result = result.slice(0, node.getStart(file)) + replacement + result.slice(node.end);
  }
  return result;
}

function visit(node, look) {
  look(node);
  ts.forEachChild(node, (child) => visit(child, look));
}

/** The name of a property that a node declares. */
function propertyName(node) {
  const declares =
    ts.isPropertyDeclaration(node) ||
    ts.isPropertySignature(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isAccessor(node) ||
    (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent));
  return declares && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

/** Every name that can be reached from the exports of a module: through fields, arguments, results and base classes. */
function publicNames(checker, module) {
  const names = new Set();
  const seen = new Set();
  const waiting = [];
  const add = (type) => {
    if (type === undefined || seen.has(type)) return;
    seen.add(type);
    waiting.push(type);
  };
  const addSignature = (signature) => {
    add(signature.getReturnType());
    for (const parameter of signature.getParameters()) add(checker.getTypeOfSymbol(parameter));
    for (const { constraint } of signature.getTypeParameters() ?? []) add(constraint);
  };
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    if (symbol.flags & ts.SymbolFlags.Type) add(checker.getDeclaredTypeOfSymbol(symbol));
    if (symbol.flags & ts.SymbolFlags.Value) add(checker.getTypeOfSymbol(symbol));
  }
  for (let type = waiting.pop(); type !== undefined; type = waiting.pop()) {
    if (type.isUnionOrIntersection()) type.types.forEach(add);
    checker.getTypeArguments(type)?.forEach?.(add);
    type.aliasTypeArguments?.forEach(add);
    add(type.getConstraint());
    add(type.getStringIndexType());
    add(type.getNumberIndexType());
    if (type.isClassOrInterface()) checker.getBaseTypes(type).forEach(add);
    for (const signature of [...type.getCallSignatures(), ...type.getConstructSignatures()]) addSignature(signature);
    for (const property of type.getProperties()) {
      const { declarations = [] } = property;
      const isOurs = declarations.some((declaration) => declaration.getSourceFile().fileName.startsWith(`${root}src/`));
      if (!isOurs || declarations.some(isHidden)) continue;
      names.add(property.name);
      add(checker.getTypeOfSymbol(property));
    }
  }
  return names;
}

/** Private to its class. */
function isHidden(declaration) {
  return (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0;
}
