-- The app's database user, made from its managed identity, with the least rights: it reads and writes
-- rows, and changes no table. Migrations run as a member of the administrators' group.
-- sqlcmd variables: IdentityName, ClientIdHex (the client id as 16 bytes, little endian groups, 0x…).
-- The SID form needs no directory look-up, so the server's own identity needs no role in Entra.
IF NOT EXISTS (SELECT 1 FROM sys.database_principals WHERE name = N'$(IdentityName)')
    CREATE USER [$(IdentityName)] WITH SID = $(ClientIdHex), TYPE = E;
GO
ALTER ROLE db_datareader ADD MEMBER [$(IdentityName)];
GO
ALTER ROLE db_datawriter ADD MEMBER [$(IdentityName)];
GO
