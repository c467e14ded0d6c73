#!/usr/bin/env bash
# Makes the app's database user. Needs az (signed in as a member of the administrators' group) and sqlcmd (Go);
# the one with ODBC does not know this way of signing in.
# usage: create-app-user.sh RESOURCE_GROUP [DEPLOYMENT]
set -euo pipefail
group=${1:?resource group} deployment=${2:-main}
here=$(cd "$(dirname "$0")" && pwd)
output() { az deployment group show -g "$group" -n "$deployment" --query "properties.outputs.$1.value" -o tsv; }

server=$(output sqlServer) database=$(output sqlDatabase)
identity=$(output identityName) client=$(output identityClientId)

# A GUID's bytes: the first three groups are stored little endian.
hex=$(python3 -c 'import sys, uuid; print("0x" + uuid.UUID(sys.argv[1]).bytes_le.hex())' "$client")
sqlcmd -S "$server" -d "$database" --authentication-method ActiveDirectoryAzCli -b -i "$here/create-app-user.sql" \
    -v IdentityName="$identity" ClientIdHex="$hex"
echo "user $identity may read and write in $database"
