#!/usr/bin/env bash
# What a release consists of, under dist/: scripts/package.sh binary|npm|sbom|image|sums ...
#   binary   tamis-VERSION-TARGET.tar.gz (.zip for Windows); TARGET is the variable, by default this machine
#   npm      the page's module with its types, for `npm publish`
#   sbom     the crates in the binary, as CycloneDX
#   image    a container image of the binary, with buildah, podman or docker, whichever is here; needs a Linux machine
#   sums     SHA256SUMS of all that is there
source "$(dirname "$0")/env.sh"

version=$(sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"/\1/p' Cargo.toml)
host=$(rustc -vV | sed -n 's/^host: //p')
target=${TARGET:-$host}
# What is packed carries the time of the commit, so that packing a commit again gives the same bytes.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
export SOURCE_DATE_EPOCH
mkdir -p dist

built() {
  local suffix=
  [[ $target != *windows* ]] || suffix=.exe
  if [[ $target == "$host" ]]; then
    step native "compiling the binary (about five minutes the first time)" cargo build --release --locked
    program=$CARGO_TARGET_DIR/release/tamis$suffix
  else
    step native "compiling the binary for $target" cargo build --release --locked --target "$target"
    program=$CARGO_TARGET_DIR/$target/release/tamis$suffix
  fi
}

binary() {
  local name=tamis-$version-$target archive
  built
  archive=dist/$name.tar.gz
  [[ $target != *windows* ]] || archive=dist/$name.zip
  rm -rf "dist/$name"
  mkdir "dist/$name"
  cp "$program" LICENSE LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md "dist/$name/"
  python3 scripts/archive.py "dist/$name" "$archive"
  # What is shipped has to run where it was made: the sample's first orders through the whole way.
  if [[ $target == "$host" ]]; then
    head -n 500 data/orders.ndjson | "dist/$name/${program##*/}" run - --out "dist/$name/out" >/dev/null 2>&1 ||
      stop "the packed binary does not run the sample"
  fi
  rm -rf "dist/$name"
  say "$archive"
}

npm() {
  local at=dist/npm
  scripts/wasm.sh browser
  rm -rf "$at"
  mkdir "$at"
  cp npm/index.js npm/index.d.ts npm/README.md LICENSE LICENSE-APACHE LICENSE-MIT www/pkg/tamis.js www/pkg/tamis_bg.wasm "$at/"
  # npm takes a provenance only from the repository that the package names.
  VERSION=$version node -e '
    const { VERSION: version, GITHUB_REPOSITORY: repository } = process.env;
    const described = JSON.parse(require("node:fs").readFileSync("npm/package.json", "utf8"));
    const url = repository && { repository: { type: "git", url: "git+https://github.com/" + repository + ".git" } };
    console.log(JSON.stringify({ ...described, version, ...url }, null, 2));' >"$at/package.json"
  find "$at" -exec touch -d "@$SOURCE_DATE_EPOCH" {} +
  (cd "$at" && command npm pack --silent --pack-destination ..)
  node --test npm/package.test.mjs
}

sbom() {
  node scripts/sbom.mjs "$target" >"dist/tamis-$version-$target.cdx.json"
  say "dist/tamis-$version-$target.cdx.json"
}

# A root folder with the binary, the libraries that it is linked with, and the certificates of this machine: there is
# nothing else in the image, no shell and no package manager, and no base image whose digest would have to be kept current.
image_root() {
  local at=$1 library
  mkdir -p "$at"/{bin,etc,tmp,work}
  cp "$program" "$at/bin/tamis"
  ldd "$program" 2>/dev/null | grep -o '/[^ ]*' | while read -r library; do
    mkdir -p "$at${library%/*}"
    cp -L "$library" "$at$library"
  done
  printf 'tamis:x:65532:65532::/work:/bin/tamis\n' >"$at/etc/passwd"
  printf 'tamis:x:65532:\n' >"$at/etc/group"
  if [[ -e /etc/ssl/certs/ca-certificates.crt ]]; then
    mkdir -p "$at/etc/ssl/certs"
    cp -L /etc/ssl/certs/ca-certificates.crt "$at/etc/ssl/certs/"
  fi
  chmod 1777 "$at/tmp" "$at/work"
  find "$at" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
}

image() {
  local builder tag=${IMAGE:-tamis}:$version
  builder=$(first_of buildah podman docker)
  [[ -n $builder ]] || stop "an image needs buildah, podman or docker, and none of them is here"
  builder=${builder##*/}
  built
  rm -rf dist/image
  image_root dist/image
  case $builder in
    docker) docker build --quiet --file Containerfile --tag "$tag" dist/image ;;
    *) "$builder" build --quiet --timestamp "$SOURCE_DATE_EPOCH" --file Containerfile --tag "$tag" dist/image ;;
  esac
  rm -rf dist/image
  say "the image is $tag"
}

# The names alone in it, so that `sha256sum --check` works where the files were downloaded to.
sums() {
  local files
  mapfile -t files < <(cd dist && find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort)
  (cd dist && sha256sum "${files[@]}" >SHA256SUMS)
  cat dist/SHA256SUMS
}

(($# > 0)) || set -- binary sbom npm image sums
for what in "$@"; do
  case $what in
    binary | npm | sbom | image | sums) "$what" ;;
    *) stop "package.sh knows binary, npm, sbom, image and sums, not '$what'" ;;
  esac
done
