#!/usr/bin/env bash
# Makes (or completes) the app registration that people sign in with, and its app roles.
# Run it again after roles were added to app-roles.json: it changes nothing else.
# usage: app-registration.sh DISPLAY_NAME     prints the client id (parameter entraClientId)
set -euo pipefail
name=${1:?display name}
here=$(cd "$(dirname "$0")" && pwd)

client=$(az ad app list --display-name "$name" --query '[0].appId' -o tsv)
if [ -z "$client" ]; then
    client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId -o tsv)
fi
az ad app update --id "$client" --identifier-uris "api://$client" --app-roles "@$here/app-roles.json" \
    --enable-id-token-issuance true
az ad sp show --id "$client" >/dev/null 2>&1 || az ad sp create --id "$client" >/dev/null
# Only people and groups that were given a role may sign in.
az ad sp update --id "$client" --set appRoleAssignmentRequired=true
echo "$client"
