// Told {files}, prints what html-validate's recommended rules say of them, as JSON: {file: [message, ...]}.
import { FileSystemConfigLoader, HtmlValidate } from "html-validate";
import { told } from "./browser.mjs";

const loader = new FileSystemConfigLoader({ root: true, extends: ["html-validate:recommended"] });
const validator = new HtmlValidate(loader);
const { files } = await told();
const found = {};
for (const file of files) {
  const report = await validator.validateFile(file);
  const messages = report.results.flatMap((result) => result.messages);
  found[file] = messages.map((message) => `${message.line}:${message.column} ${message.ruleId}: ${message.message}`);
}
console.log(JSON.stringify(found));
