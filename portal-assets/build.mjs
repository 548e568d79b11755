// Builds the portal's style sheet and script: `make assets`. The result is committed, so that nothing else needs npm.
//
// Every file has the digest of its content in its name, so that browsers may keep it for ever. The manifest names the
// files, the versions they are made with, and a digest of the sources, by which a test sees that they are up to date.
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import esbuild from "esbuild";
import * as sass from "sass";

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2] ?? join(here, "../chalicelib/web/portal/static");
const licence = "/*! Contains govuk-frontend VERSION under the MIT licence: licence.txt */\n";
// Neither the marks of the government's site nor its name are ours to use.
const forbidden = /gds transport|crown|crest|gov\.uk/i;

const read = (name) => readFileSync(join(here, name), "utf8");
const digest = (content) => createHash("sha256").update(content).digest("hex");
const versions = JSON.parse(read("package.json")).devDependencies;
const notice = licence.replace("VERSION", versions["govuk-frontend"]);

function style() {
  const { css } = sass.compile(join(here, "src/portal.scss"), { loadPaths: [join(here, "node_modules")], charset: false, style: "compressed" });
  // Only the footer's component, which we have none of, shows these marks.
  const own = css.replace(/(?<=[{}])\.govuk-footer__[^{}]*\{[^{}]*\}/g, "");
  // Invisible characters are written as such.
  return notice + own.replace(/[^\x00-\x7f]/g, (one) => `\\${one.codePointAt(0).toString(16)} `).trim() + "\n";
}

async function script() {
  const { outputFiles } = await esbuild.build({
    absWorkingDir: here,
    entryPoints: ["src/portal.mjs"],
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2020",
    legalComments: "none",
    write: false,
  });
  return notice + outputFiles[0].text.replaceAll("GOV.UK Frontend", "Frontend");
}

function sources() {
  const names = ["build.mjs", "package-lock.json", "package.json", ...readdirSync(join(here, "src")).map((name) => `src/${name}`)];
  return digest(names.sort().map((name) => `${name}\0${digest(read(name))}\n`).join(""));
}

const contents = { "portal.css": style(), "portal.js": await script(), "icon.svg": read("src/icon.svg") };
const files = {};
rmSync(target, { recursive: true, force: true });
mkdirSync(target, { recursive: true });
for (const [name, content] of Object.entries(contents)) {
  const found = content.match(forbidden);
  if (found) {
    throw new Error(`${name} contains ${found[0]}`);
  }
  const dot = name.lastIndexOf(".");
  files[name] = `${name.slice(0, dot)}-${digest(content).slice(0, 12)}${name.slice(dot)}`;
  writeFileSync(join(target, files[name]), content);
  console.log(`${files[name]}: ${content.length} bytes, ${gzipSync(content).length} compressed`);
}
writeFileSync(join(target, "licence.txt"), read("src/licence.txt"));
writeFileSync(join(target, "manifest.json"), JSON.stringify({ files, sources: sources(), versions }, null, 2) + "\n");
