#!/usr/bin/env bash
# Makes (or completes) the app registration that people sign in with, and its app roles.
# Run it again after roles were added to app-roles.json: it changes nothing else.
# usage: app-registration.sh DISPLAY_NAME [HOST]     prints the client id (parameter entraClientId)
# HOST is the app's, once there is one (output appHost): people come back to it when they have signed in.
set -euo pipefail
name=${1:?display name} host=${2:-}
here=$(cd "$(dirname "$0")" && pwd)

client=$(az ad app list --display-name "$name" --query '[0].appId' -o tsv)
if [ -z "$client" ]; then
    client=$(az ad app create --display-name "$name" --sign-in-audience AzureADMyOrg --query appId -o tsv)
fi
az ad app update --id "$client" --identifier-uris "api://$client" --app-roles "@$here/app-roles.json" \
    --enable-id-token-issuance true
if [ -n "$host" ]; then
    az ad app update --id "$client" --web-redirect-uris "https://$host/.auth/login/aad/callback"
fi
# The permission that the Power Apps connector asks for in a person's name; its id must never change.
if [ -z "$(az ad app show --id "$client" --query "api.oauth2PermissionScopes[?value=='user_impersonation'].id" -o tsv)" ]; then
    az ad app update --id "$client" --set api="$(python3 - "$(python3 -c 'import uuid; print(uuid.uuid4())')" <<'EOF'
import json, sys
print(json.dumps({"oauth2PermissionScopes": [{
    "id": sys.argv[1], "value": "user_impersonation", "type": "User", "isEnabled": True,
    "adminConsentDisplayName": "Use Clocking", "adminConsentDescription": "Use Clocking as the signed-in person.",
    "userConsentDisplayName": "Use Clocking", "userConsentDescription": "Use Clocking as you.",
}]}))
EOF
)"
fi
# The app expects the issuer of these.
az ad app update --id "$client" --set api.requestedAccessTokenVersion=2
az ad sp show --id "$client" >/dev/null 2>&1 || az ad sp create --id "$client" >/dev/null
# Only people and groups that were given a role may sign in.
az ad sp update --id "$client" --set appRoleAssignmentRequired=true
echo "$client"
