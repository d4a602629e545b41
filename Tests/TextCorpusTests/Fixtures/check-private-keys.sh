#!/usr/bin/env bash
# Makes a private key of every kind that openssl and ssh-keygen know, has `hone corpus` read them, and says which survive.
# Nothing of them is kept.
#
#     Tests/TextCorpusTests/Fixtures/check-private-keys.sh .build/release/hone
set -euo pipefail
hone=$(realpath "$1")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/keys"
cd "$folder/keys"

# A kind that this version does not know is passed over.
make() {
    local name=$1
    shift
    "$@" > "$name.pem" 2> /dev/null || rm -f "$name.pem"
}

for round in 1 2 3 4 5 6 7 8; do
    for kind in ED25519 X25519 ED448 X448 SM2 RSA RSA-PSS ML-DSA-44 ML-DSA-87 ML-KEM-512 SLH-DSA-SHA2-128s; do
        make "$kind-$round" openssl genpkey -algorithm "$kind"
    done
done
make dh openssl genpkey -algorithm DH -pkeyopt group:ffdhe2048
openssl dsaparam -out "$folder/dsa" 2048 2> /dev/null
make dsa openssl gendsa "$folder/dsa"
for bits in 512 1024 4096; do make "rsa-$bits" openssl genrsa -traditional "$bits"; done
make rsa-encrypted openssl genrsa -aes128 -passout pass:word 2048
make rsa-traditional-encrypted openssl genrsa -traditional -aes128 -passout pass:word 2048
make ed25519-encrypted openssl pkcs8 -topk8 -in ED25519-1.pem -passout pass:word
for curve in $(openssl ecparam -list_curves | grep -oE '^ +[A-Za-z0-9-]+'); do
    make "ec-$curve" openssl ecparam -name "$curve" -genkey -noout
    [ -f "ec-$curve.pem" ] || continue
    make "ec-pkcs8-$curve" openssl pkcs8 -topk8 -nocrypt -in "ec-$curve.pem"
    make "ec-private-$curve" openssl ec -in "ec-$curve.pem" -no_public
done
for kind in ED25519-1 X448-1 RSA-1 dsa ec-prime256v1 ec-secp112r1; do
    make "$kind-printed" openssl pkey -in "$kind.pem" -text -noout
done
for kind in rsa ecdsa ed25519 dsa; do
    for format in RFC4716 PEM PKCS8; do
        for word in "" "a pass phrase"; do
            name=ssh-$kind-$format-${#word}
            ssh-keygen -q -t "$kind" -m "$format" -N "$word" -f "$name" < /dev/null > /dev/null 2>&1 || continue
            mv "$name" "$name.pem"
        done
    done
done
rm -f ./*.pub

count=0
for key in *.pem; do
    { echo "The file $key begins here."; cat "$key"; echo "It ends there."; } > "${key%.pem}.txt"
    rm "$key"
    count=$((count + 1))
done
cd ..
"$hone" corpus keys --kind text --minimum-quality off --no-dedupe --validation-share 0 --output corpus > /dev/null
redacted=$(gzip -dc corpus/train-*.jsonl.gz | grep -c 'redacted:private-key' || true)
echo "$redacted of $count keys are redacted"
gzip -dc corpus/train-*.jsonl.gz | grep -v 'redacted:private-key' | cut -c 1-200 || true
[ "$redacted" = "$count" ]
