#!/usr/bin/env bash
# Gives a person a role of the app. usage: give-role.sh CLIENT_ID USER ROLE     roles: app-roles.json
set -euo pipefail
client=${1:?client id} user=${2:?user principal name} role=${3:?role}
app=$(az ad sp show --id "$client" --query id -o tsv)
role_id=$(az ad sp show --id "$client" --query "appRoles[?value=='$role'].id" -o tsv)
[ -n "$role_id" ] || { echo "the app has no role $role" >&2; exit 1; }
person=$(az ad user show --id "$user" --query id -o tsv)
az rest --method post --uri "https://graph.microsoft.com/v1.0/servicePrincipals/$app/appRoleAssignedTo" -o none \
    --body "{\"principalId\": \"$person\", \"resourceId\": \"$app\", \"appRoleId\": \"$role_id\"}"
echo "$user has the role $role"
