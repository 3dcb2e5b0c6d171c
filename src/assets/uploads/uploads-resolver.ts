/** The API of uploads. Their bytes come over HTTP, in `server/http/files`. */
import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { requireViewer } from '../../accounts/viewer.js';
import type { AssetsContext } from '../context.js';
import { CreateUploadInput, createUpload } from './create-upload.js';
import { deleteUpload } from './remove-uploads.js';
import { Upload } from './upload.js';
import type { UploadRow } from './upload-rows.js';

@Resolver(() => Upload)
export class UploadsResolver {
  @Mutation(() => Upload, {
    nullable: true,
    description:
      'Makes a place for one file: then PUT the file to its `url`, and give its id to `createGeneration`. BAD_USER_INPUT for an unsupported type or size; RATE_LIMITED above MAX_UPLOADS_PER_MINUTE; QUOTA_EXCEEDED if the uploads of the viewer are too many or too large.',
  })
  createUpload(
    @Arg('input', () => CreateUploadInput, { description: 'The type and the size of the file.' })
    input: CreateUploadInput,
    @Ctx() context: AssetsContext,
  ): Promise<UploadRow> {
    return createUpload(requireViewer(context), input, context);
  }

  @Mutation(() => ID, {
    nullable: true,
    description:
      "Deletes the upload and its file, and returns its id. Generations that used it keep its file. NOT_FOUND for an unknown id, FORBIDDEN for another user's upload.",
  })
  deleteUpload(
    @Arg('id', () => ID, { description: "The upload's id." }) id: string,
    @Ctx() context: AssetsContext,
  ): Promise<string> {
    return deleteUpload(requireViewer(context), id, context);
  }

  @FieldResolver(() => String, {
    description:
      'A signed, root-relative URL (under the path of PUBLIC_URL, if set) that takes the file by one PUT. The URL is the permission: no credential is needed. Only a PUT with the right type and size fills the upload; after any other the URL still works, until it expires.',
  })
  url(@Root() { id, expiresAt }: UploadRow, @Ctx() { signedUrls }: AssetsContext): string {
    return signedUrls.sign(`/uploads/${id}`, new Date(expiresAt));
  }

  @FieldResolver(() => Boolean, { description: 'Whether its file has arrived.' })
  isFilled(@Root() { file }: UploadRow): boolean {
    return file !== null;
  }
}
